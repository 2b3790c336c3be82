package dev.luthier.engine.generate;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.engine.tensor.DType;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code luthier worker}.
 *
 * @param model directory of the base model
 * @param stateFile where the port and process id are written once the worker answers
 * @param parentPid the process with whose end the worker ends
 * @param threads OpenMP threads, at least 1
 * @param type dtype of the weights
 * @param maxContext upper bound of a row's tokens; the model's own limit applies too
 * @param cacheBytes upper bound of the key-value cache
 * @param device what computes
 */
record WorkerOptions(Path model, Path stateFile, long parentPid, int threads, DType type, int maxContext,
        long cacheBytes, ComputeDevice device) {

    static final String USAGE = "Usage: luthier worker --model DIR --state-file FILE --parent-pid PID [--threads N] "
            + "[--type bf16|fp32] [--max-context N] [--cache-bytes N] [--device cpu|cuda]";

    private static final long DEFAULT_CACHE_BYTES = 2L << 30;
    private static final Set<String> NAMES = Set.of("--model", "--state-file", "--parent-pid", "--threads", "--type",
            "--max-context", "--cache-bytes", "--device");

    /**
     * Reads the arguments.
     *
     * @throws dev.luthier.core.problem.ProblemException of code {@code usage}, whose message is one line
     */
    static WorkerOptions parse(String... arguments) {
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (!NAMES.contains(arguments[i])) {
                throw usage("unknown argument " + arguments[i]);
            }
            if (i + 1 == arguments.length) {
                throw usage(arguments[i] + " needs a value");
            }
            given.put(arguments[i], arguments[i + 1]);
        }
        return new WorkerOptions(path(given, "--model"), path(given, "--state-file"),
                number(given, "--parent-pid", null), (int) number(given, "--threads", defaultThreads()),
                type(given.getOrDefault("--type", "bf16")),
                (int) number(given, "--max-context", (long) Integer.MAX_VALUE),
                number(given, "--cache-bytes", DEFAULT_CACHE_BYTES), device(given.getOrDefault("--device", "cpu")));
    }

    private static long defaultThreads() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static Path path(Map<String, String> given, String name) {
        String value = given.get(name);
        if (value == null) {
            throw usage(name + " is missing");
        }
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw usage(name + " is not a path");
        }
    }

    private static long number(Map<String, String> given, String name, @Nullable Long absent) {
        String value = given.get(name);
        if (value == null && absent != null) {
            return absent;
        }
        if (value == null || !value.matches("[1-9][0-9]{0,17}")) {
            throw usage(name + " must be a positive integer");
        }
        long number = Long.parseLong(value);
        if (number > Integer.MAX_VALUE && !name.equals("--cache-bytes") && !name.equals("--parent-pid")) {
            throw usage(name + " is too large");
        }
        return number;
    }

    private static ComputeDevice device(String name) {
        return Stream.of(ComputeDevice.values()).filter(one -> one.label().equals(name)).findFirst()
                .orElseThrow(() -> usage("--device must be cpu or cuda"));
    }

    private static DType type(String name) {
        try {
            return DType.of(name);
        } catch (IllegalArgumentException e) {
            throw usage("--type must be bf16 or fp32");
        }
    }

    private static RuntimeException usage(String what) {
        return Problem.user("usage", what + ". " + USAGE).asException();
    }
}
