package dev.luthier.engine.quant;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.safetensors.TensorEntry;
import dev.luthier.engine.tensor.HostMemory;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.tensor.TensorArena;
import dev.luthier.engine.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Quantises stored tensors piece by piece, so that nothing of their size is ever in memory but the result.
 *
 * <p>The work is done by threads of its own: the thread of all tensor work flushes subnormal numbers to zero.
 */
public final class Nf4Quantizer implements AutoCloseable {
    private static final int PIECE = 1 << 16;

    private final int threads;
    private final ExecutorService workers;

    /** @param threads at least 1 */
    public Nf4Quantizer(int threads) {
        this.threads = threads;
        this.workers = Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("nf4-", 0).daemon().factory());
    }

    /**
     * Quantises a tensor and releases its pages.
     *
     * @param stored of type F32, BF16 or F16
     * @param arena owner of the result
     * @throws dev.luthier.core.problem.ProblemException USER if a value is infinite or not a number
     */
    public Nf4Tensor quantize(TensorEntry stored, TensorArena arena) {
        long elements = stored.elements();
        try (TensorScope _ = TensorScope.open()) {
            Tensor codes = HostMemory.empty(ScalarType.Byte, Nf4.codeBytes(elements));
            Tensor scales = HostMemory.empty(ScalarType.Float, Nf4.blocks(elements));
            quantize(stored, HostMemory.bytesOf(codes), HostMemory.bytesOf(scales));
            stored.release();
            return new Nf4Tensor(arena.own(Libtorch.toDevice(codes)), arena.own(Libtorch.toDevice(scales)), elements);
        }
    }

    private void quantize(TensorEntry stored, MemorySegment codes, MemorySegment scales) {
        long elements = stored.elements();
        AtomicLong next = new AtomicLong();
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            tasks.add(() -> {
                Piece piece = new Piece(stored, codes, scales);
                for (long first = next.getAndAdd(PIECE); first < elements; first = next.getAndAdd(PIECE)) {
                    piece.quantize(first);
                }
                return true;
            });
        }
        run(tasks, stored.name());
    }

    private void run(List<Callable<Boolean>> tasks, String name) {
        try {
            for (Future<Boolean> done : workers.invokeAll(tasks)) {
                done.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.resource("interrupted", "Loading the base model was interrupted.").asException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ArithmeticException reason) {
                throw Problem.user("invalid_model_weights", "tensor '" + name + "' cannot be quantised: "
                        + reason.getMessage() + ". Its weights are damaged.").asException();
            }
            throw new IllegalStateException("tensor '" + name + "' could not be quantised", e.getCause());
        }
    }

    /** The work of one thread, and its buffers. */
    private static final class Piece {
        private final TensorEntry stored;
        private final MemorySegment codes;
        private final MemorySegment scales;
        private final float[] values = new float[PIECE];
        private final byte[] pieceCodes = new byte[PIECE / 2];
        private final float[] pieceScales = new float[PIECE / Nf4.BLOCK];

        Piece(TensorEntry stored, MemorySegment codes, MemorySegment scales) {
            this.stored = stored;
            this.codes = codes;
            this.scales = scales;
        }

        void quantize(long first) {
            int count = (int) Math.min(PIECE, stored.elements() - first);
            stored.copyFloats(first, values, count);
            Nf4.quantize(values, count, pieceCodes, pieceScales);
            MemorySegment.copy(pieceCodes, 0, codes, ValueLayout.JAVA_BYTE, first / 2, (int) Nf4.codeBytes(count));
            MemorySegment.copy(pieceScales, 0, scales, ValueLayout.JAVA_FLOAT, first / Nf4.BLOCK * Float.BYTES,
                    (int) Nf4.blocks(count));
        }
    }

    @Override
    public void close() {
        workers.close();
    }
}
