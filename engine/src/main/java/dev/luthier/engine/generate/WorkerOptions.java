package dev.luthier.engine.generate;

import dev.luthier.core.command.Program;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.engine.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of {@code luthier worker}. */
final class WorkerOptions {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Directory of the base model.")
    private Path model;

    @Option(names = "--state-file", required = true, paramLabel = "FILE", description = "Where port and process id are written once the worker answers.")
    private Path stateFile;

    @Option(names = "--parent-pid", required = true, paramLabel = "PID", description = "The process with whose end the worker ends.")
    private long parentPid;

    @Option(names = "--threads", paramLabel = "N", description = "Of a tensor operation (the cores).")
    private @Nullable Integer threads;

    @Option(names = "--type", paramLabel = "TYPE", defaultValue = "bf16", description = "Of the weights: bf16 or fp32 (${DEFAULT-VALUE}).")
    private DType type;

    @Option(names = "--max-context", paramLabel = "N", description = "Most tokens of a conversation; the model's own limit applies too (that limit).")
    private @Nullable Integer maxContext;

    @Option(names = "--cache-bytes", paramLabel = "N", defaultValue = "2147483648", description = "Upper bound of the key-value cache (${DEFAULT-VALUE}).")
    private long cacheBytes;

    @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "cpu", description = "cpu or cuda (${DEFAULT-VALUE}).")
    private ComputeDevice device;

    @Option(names = "--adapters", paramLabel = "DIR", description = "Adapters may be loaded from below this directory; may be given again (none).")
    private List<Path> adapterRoots = List.of();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** @throws picocli.CommandLine.ParameterException saying what is wrong with the arguments */
    void check() {
        Program.within(spec, "--parent-pid", parentPid, 1, Long.MAX_VALUE);
        Program.within(spec, "--threads", threads(), 1, 1024);
        Program.within(spec, "--max-context", maxContext(), 1, Integer.MAX_VALUE);
        Program.within(spec, "--cache-bytes", cacheBytes, 1, Long.MAX_VALUE);
    }

    Path model() {
        return model;
    }

    Path stateFile() {
        return stateFile;
    }

    long parentPid() {
        return parentPid;
    }

    /** OpenMP threads, at least 1. */
    int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    DType type() {
        return type;
    }

    /** Upper bound of a row's tokens; the model's own limit applies too. */
    int maxContext() {
        return maxContext == null ? Integer.MAX_VALUE : maxContext;
    }

    long cacheBytes() {
        return cacheBytes;
    }

    ComputeDevice device() {
        return device;
    }

    /** Directories below which adapters may be loaded from. */
    List<Path> adapterRoots() {
        return List.copyOf(adapterRoots);
    }
}
