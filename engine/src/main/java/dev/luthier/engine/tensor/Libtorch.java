package dev.luthier.engine.tensor;

import dev.luthier.core.plan.CpuKind;
import dev.luthier.core.plan.TrainingThreads;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.run.ComputeDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

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

    private static volatile ComputeDevice device = ComputeDevice.CPU;
    private static @Nullable BlasThreads blasThreads;

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
        if (oneDnnIsLimited()) {
            torch.globalContext().setUserEnabledMkldnn(false);
        }
        if (blasThreads == null) {
            blasThreads = BlasThreads.join().orElse(null);
            setThreads(threads());
        }
        if (!InferenceMode.is_enabled()) {
            new InferenceMode(true).retainReference();
        }
    }

    /**
     * Whether oneDNN may not use the instructions that its bf16 products need. libtorch looks at the CPU only and would
     * still give it those products, which then take a hundred times as long as its own.
     */
    private static boolean oneDnnIsLimited() {
        String limit = Optional.ofNullable(System.getenv("ONEDNN_MAX_CPU_ISA")).orElse("").toUpperCase(Locale.ROOT);
        return limit.equals("SSE41") || limit.equals("AVX") || limit.equals("AVX2");
    }

    /**
     * Chooses what this process computes on, before it makes a tensor; the CPU unless told otherwise.
     *
     * @throws ProblemException RESOURCE if there is no such device here
     */
    public static void use(ComputeDevice wanted) {
        if (wanted == ComputeDevice.CUDA && !torch.cuda_is_available()) {
            throw Problem.resource("cuda_missing", "There is no GPU that libtorch can use: the device is cuda. Use the"
                    + " device cpu, or " + whatCudaNeeds()).asException();
        }
        device = wanted;
    }

    /** libtorch goes on without its CUDA part when that cannot be loaded, and says nothing; this finds out why. */
    private static String whatCudaNeeds() {
        String library = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libtorch_cuda.so";
        if (Libtorch.class.getResource(library) != null) {
            try {
                System.load(Loader.cacheResource(library).getPath());
            } catch (IOException | UnsatisfiedLinkError e) {
                return "install the libraries of CUDA 13 (cuBLAS, cuSPARSE, cuSOLVER), cuDNN 9 and NCCL 2, or name their"
                        + " folders in LD_LIBRARY_PATH: libtorch's CUDA part cannot be loaded (" + e.getMessage()
                        + ").";
            }
        }
        return "a machine with an NVIDIA GPU, its driver and a build of Luthier with CUDA (LUTHIER_CUDA=1 for the"
                + " launcher, -Pcuda for Maven).";
    }

    /** Whether tensors are made on a GPU. */
    public static boolean usesCuda() {
        return device == ComputeDevice.CUDA;
    }

    /** Options for a new tensor on the device of this process; a native object of the innermost scope. */
    public static TensorOptions options(ScalarType type) {
        TensorOptions options = new TensorOptions(type);
        return usesCuda() ? options.device(new DeviceOptional(new Device(DeviceType.CUDA))) : options;
    }

    /** A tensor of the CPU on the device of this process; the same one if that is the CPU. */
    public static Tensor toDevice(Tensor tensor) {
        return usesCuda() ? tensor.to(new Device(DeviceType.CUDA), tensor.scalar_type()) : tensor;
    }

    /** Waits for what was asked of a GPU, which works while Java goes on; on the CPU nothing is left to wait for. */
    public static void synchronize() {
        if (usesCuda()) {
            torch.cuda_synchronize();
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

    /** Whether products in fp32 are computed by the same threads as all else; see {@link BlasThreads}. */
    public static boolean hasOneThreadPool() {
        return blasThreads != null;
    }

    /** Sets the threads that a tensor operation may use, products included; as many as there are cores, at most. */
    public static void setThreads(int threads) {
        share(TrainingThreads.atMost(threads));
    }

    /** The same with any number of threads. */
    static void share(int threads) {
        torch.set_num_threads(threads);
        BlasThreads blas = blasThreads;
        if (blas != null) {
            blas.set(threads);
        }
    }

    /** Kind of this machine's CPU and the vector extension that libtorch uses on it. */
    public static String cpu() {
        return CpuKind.name() + ", " + vectorExtension();
    }

    /** The vector extension that libtorch's own kernels use on this CPU, for example {@code AVX2}. */
    public static String vectorExtension() {
        return torch.get_cpu_capability().getString();
    }
}
