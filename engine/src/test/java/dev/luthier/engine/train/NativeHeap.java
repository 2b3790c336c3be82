package dev.luthier.engine.train;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What glibc's {@code mallinfo2} (since 2.33) tells of this process. */
final class NativeHeap {
    /** Ten words: the fifth counts bytes of large blocks (hblkhd), the eighth those of all others in use (uordblks). */
    private static final MemoryLayout INFO = MemoryLayout
            .structLayout(MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG));
    private static final int LARGE = 4;
    private static final int SMALL = 7;
    private static final MethodHandle MALLINFO = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(INFO));

    private NativeHeap() {}

    /** Bytes that are allocated and not freed, over all arenas. */
    static long allocatedBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = (MemorySegment) MALLINFO.invokeExact((SegmentAllocator) arena);
            return info.getAtIndex(ValueLayout.JAVA_LONG, LARGE) + info.getAtIndex(ValueLayout.JAVA_LONG, SMALL);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
