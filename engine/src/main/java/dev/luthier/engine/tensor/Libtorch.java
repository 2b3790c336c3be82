package dev.luthier.engine.tensor;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;

/**
 * The native library of this process. {@link #start} must come before any other use of a tensor, on the one platform
 * thread that does all tensor work.
 */
public final class Libtorch {

    static {
        // Scopes free native objects; without them every object would also be registered with the garbage collector.
        System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
        // The binding would otherwise refuse allocations once the process is larger than twice the Java heap.
        System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    }

    private Libtorch() {}

    /**
     * Loads the library and readies the calling thread: no autograd, denormal numbers flushed to zero. The number of
     * OpenMP threads comes from {@code OMP_NUM_THREADS} in the environment, or is the number of cores.
     *
     * @throws ProblemException RESOURCE if there is no build of libtorch for this machine
     */
    public static void start() {
        try {
            Context.setFlushDenormal(true);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new ProblemException(Problem.resource("libtorch_missing", "libtorch cannot be loaded on "
                    + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ": " + e.getMessage()
                    + ". There are builds for Linux x86-64, macOS arm64 and Windows x86-64."), e);
        }
        if (!InferenceMode.is_enabled()) {
            new InferenceMode(true).retainReference();
        }
    }

    /** Version of libtorch and of the binding to it, for example {@code 2.10.0-1.5.13}. */
    public static String version() {
        try {
            return Loader.getVersion("org.bytedeco", "pytorch");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Threads that a tensor operation may use. */
    public static int threads() {
        return torch.get_num_threads();
    }

    /** Sets the threads that a tensor operation may use. */
    public static void setThreads(int threads) {
        torch.set_num_threads(threads);
    }

    /** Model name of this machine's CPU and the vector extension that libtorch uses on it. */
    public static String cpu() {
        return cpuModel() + ", " + torch.get_cpu_capability().getString();
    }

    private static String cpuModel() {
        Path info = Path.of("/proc/cpuinfo");
        if (Files.isReadable(info)) {
            try (Stream<String> lines = Files.lines(info)) {
                return lines.filter(line -> line.startsWith("model name")).findFirst()
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .orElse(System.getProperty("os.arch"));
            } catch (IOException e) {
                return System.getProperty("os.arch");
            }
        }
        return System.getProperty("os.arch");
    }
}
