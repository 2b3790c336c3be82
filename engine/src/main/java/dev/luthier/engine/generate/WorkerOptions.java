package dev.luthier.engine.generate;

import dev.luthier.core.run.ComputeDevice;
import dev.luthier.engine.options.Options;
import dev.luthier.engine.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
 * @param adapterRoots directories below which adapters may be loaded from
 */
record WorkerOptions(Path model, Path stateFile, long parentPid, int threads, DType type, int maxContext,
        long cacheBytes, ComputeDevice device, List<Path> adapterRoots) {
    WorkerOptions {
        adapterRoots = List.copyOf(adapterRoots);
    }

    private static final String USAGE = "usage: luthier worker --model DIR --state-file FILE --parent-pid PID [--threads N] "
            + "[--type bf16|fp32] [--max-context N] [--cache-bytes N] [--device cpu|cuda] [--adapters DIR]...";

    private static final long DEFAULT_CACHE_BYTES = 2L << 30;

    /** @throws dev.luthier.core.problem.ProblemException USER, saying what is wrong with the arguments */
    static WorkerOptions parse(String... arguments) {
        Options options = new Options(USAGE, arguments);
        Path model = null;
        Path stateFile = null;
        Long parentPid = null;
        int threads = Runtime.getRuntime().availableProcessors();
        DType type = DType.BF16;
        int maxContext = Integer.MAX_VALUE;
        long cacheBytes = DEFAULT_CACHE_BYTES;
        ComputeDevice device = ComputeDevice.CPU;
        List<Path> adapterRoots = new ArrayList<>();
        for (String name = options.next(); name != null; name = options.next()) {
            switch (name) {
                case "--model" -> model = options.path();
                case "--state-file" -> stateFile = options.path();
                case "--parent-pid" -> parentPid = options.number(Long.MAX_VALUE);
                case "--threads" -> threads = options.integer(1024);
                case "--type" -> type = options.choice(DType.class, DType::label);
                case "--max-context" -> maxContext = options.integer(Integer.MAX_VALUE);
                case "--cache-bytes" -> cacheBytes = options.number(Long.MAX_VALUE);
                case "--device" -> device = options.choice(ComputeDevice.class, ComputeDevice::label);
                case "--adapters" -> adapterRoots.add(options.path());
                default -> throw options.unknown();
            }
        }
        return new WorkerOptions(options.required("--model", model), options.required("--state-file", stateFile),
                options.required("--parent-pid", parentPid), threads, type, maxContext, cacheBytes, device,
                adapterRoots);
    }
}
