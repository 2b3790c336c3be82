package dev.luthier.engine.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

/**
 * Runs the jobs of OpenBLAS, which computes fp32 products, on the threads of OpenMP, which compute all else: the process
 * has one pool of threads. On its own, OpenBLAS keeps a second pool; threads of both wait in loops for their next work
 * and take the cores from each other meanwhile, which makes a training step several times slower.
 *
 * <p>OpenBLAS hands its jobs to a callback ({@code openblas_set_threads_callback_function}); the callback starts a
 * parallel region of libgomp with one thread a job. Jobs of one call wait for each other, so that each needs a thread of
 * its own at the same time: {@link #join} makes sure that libgomp always gives as many as are asked for.
 */
final class BlasThreads {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int MANY_LEVELS = 16;

    /** What the threads of a region read: the job's function, its first datum, the size of a datum, the buffer. */
    private static final MemoryLayout CALL = MemoryLayout.structLayout(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private final MethodHandle setBlasThreads;
    private final MethodHandle parallelRegion;
    private final MethodHandle threadNumber;
    private final MethodHandle job = LINKER
            .downcallHandle(FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, JAVA_INT));
    private MemorySegment regionBody = MemorySegment.NULL;

    private BlasThreads(SymbolLookup blas, SymbolLookup openMp) {
        setBlasThreads = function(blas, "openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT));
        parallelRegion = function(openMp, "GOMP_parallel",
                FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
        threadNumber = LINKER.downcallHandle(openMp.findOrThrow("omp_get_thread_num"),
                FunctionDescriptor.of(JAVA_INT), Linker.Option.critical(false));
    }

    /**
     * Joins the pools, if this process has loaded an OpenBLAS and a libgomp that can be joined; empty if not. Called once,
     * after libtorch is loaded.
     */
    static Optional<BlasThreads> join() {
        try {
            // Names of libraries that are loaded already: the loader returns those.
            SymbolLookup blas = SymbolLookup.libraryLookup("libopenblas.so.0", Arena.global());
            SymbolLookup openMp = SymbolLookup.libraryLookup("libgomp.so.1", Arena.global());
            if (blas.find("openblas_set_threads_callback_function").isEmpty()
                    || (int) function(openMp, "omp_get_thread_limit", FunctionDescriptor.of(JAVA_INT))
                            .invokeExact() < Integer.MAX_VALUE) {
                return Optional.empty();
            }
            function(openMp, "omp_set_dynamic", FunctionDescriptor.ofVoid(JAVA_INT)).invokeExact(0);
            // A product inside a parallel region gets threads of its own.
            function(openMp, "omp_set_max_active_levels", FunctionDescriptor.ofVoid(JAVA_INT))
                    .invokeExact(MANY_LEVELS);
            BlasThreads threads = new BlasThreads(blas, openMp);
            threads.install(blas);
            return Optional.of(threads);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no such library on this platform
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private void install(SymbolLookup blas) throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        regionBody = LINKER.upcallStub(
                lookup.bind(this, "runJob", MethodType.methodType(void.class, MemorySegment.class)),
                FunctionDescriptor.ofVoid(ADDRESS.withTargetLayout(CALL)), Arena.global());
        MemorySegment callback = LINKER.upcallStub(
                lookup.bind(this, "runJobs",
                        MethodType.methodType(void.class, int.class, MemorySegment.class, int.class,
                                long.class, MemorySegment.class, int.class)),
                FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, ADDRESS, JAVA_INT), Arena.global());
        function(blas, "openblas_set_threads_callback_function", FunctionDescriptor.ofVoid(ADDRESS))
                .invokeExact(callback);
    }

    /** Sets the threads of a product. */
    void set(int threads) {
        try {
            setBlasThreads.invokeExact(threads);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Called by OpenBLAS: runs all jobs of a product at the same time. */
    @SuppressWarnings("unused") // through an upcall
    private void runJobs(int wait, MemorySegment function, int jobs, long dataBytes, MemorySegment data, int buffer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment call = arena.allocate(CALL);
            call.setAtIndex(JAVA_LONG, 0, function.address());
            call.setAtIndex(JAVA_LONG, 1, data.address());
            call.setAtIndex(JAVA_LONG, 2, dataBytes);
            call.setAtIndex(JAVA_LONG, 3, buffer);
            parallelRegion.invokeExact(regionBody, call, jobs, 0);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Called by each thread of a region: runs the job of its number. */
    @SuppressWarnings("unused") // through an upcall
    private void runJob(MemorySegment call) {
        try {
            int number = (int) threadNumber.invokeExact();
            MemorySegment function = MemorySegment.ofAddress(call.getAtIndex(JAVA_LONG, 0));
            long data = call.getAtIndex(JAVA_LONG, 1) + number * call.getAtIndex(JAVA_LONG, 2);
            job.invokeExact(function, number, MemorySegment.ofAddress(data), (int) call.getAtIndex(JAVA_LONG, 3));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(library.findOrThrow(name), type);
    }

    private static IllegalStateException failed(Throwable e) {
        return new IllegalStateException("the threads of OpenBLAS cannot be joined with those of OpenMP", e);
    }
}
