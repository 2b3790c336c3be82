package dev.luthier.core.plan;

import com.sun.management.OperatingSystemMXBean;
import dev.luthier.core.run.ComputeDevice;
import java.lang.management.ManagementFactory;

/** The memory that a machine has for training. */
public final class MachineMemory {
    private static final double SHARE = 0.8;

    private MachineMemory() {}

    /**
     * Bytes that each of several runs at a time may take: its part of four fifths of the memory of the machine, or of the
     * container. On a GPU nothing is known, and nothing is a bound.
     */
    public static long forEachOf(int runs, ComputeDevice device) {
        return switch (device) {
            case CPU -> (long) (ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize()
                    * SHARE / runs);
            case CUDA -> Long.MAX_VALUE;
        };
    }
}
