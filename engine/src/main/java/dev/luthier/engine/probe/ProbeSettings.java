package dev.luthier.engine.probe;

import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.RunSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a probe measures.
 *
 * @param tier null for the planner's choice
 * @param sampleTokens of the longest samples
 * @param threads 0 for the process' default
 * @param memoryBytes that a trainer may take; 0 for all that the machine has
 */
record ProbeSettings(Path model, RunSpec.Lora lora, String baseType, Quantization quantization, ComputeDevice device,
        @Nullable MemoryTier tier, int microBatchTokens, int sampleTokens, int threads, long memoryBytes,
        boolean json) {
    static final String USAGE = "usage: luthier probe --model DIR [--type bf16|fp32] [--rank N] [--targets NAME,NAME]"
            + " [--rs-lora] [--dora] [--top-layers N] [--quantization none|nf4] [--device cpu|cuda]"
            + " [--memory-tier auto|keep|recompute_elementwise|recompute_layers] [--micro-batch-tokens N]"
            + " [--sample-tokens N] [--memory-bytes N] [--threads N] [--json]";

    /** @throws IllegalArgumentException saying what is wrong with the arguments */
    static ProbeSettings parse(String[] arguments) {
        return new Reader(arguments).read();
    }

    /** Reads from the first argument to the last. */
    private static final class Reader {
        private final String[] arguments;
        private int next;

        Reader(String[] arguments) {
            this.arguments = arguments;
        }

        ProbeSettings read() {
            Path model = null;
            String type = "bf16";
            int rank = 16;
            List<String> targets = RunSpec.Lora.LINEAR_LAYERS;
            boolean rsLora = false;
            boolean dora = false;
            int topLayers = 0;
            Quantization quantization = Quantization.NONE;
            ComputeDevice device = ComputeDevice.CPU;
            MemoryTier tier = null;
            int packTokens = 2048;
            int sampleTokens = 512;
            int threads = 0;
            long memory = 0;
            boolean json = false;
            while (next < arguments.length) {
                switch (arguments[next++]) {
                    case "--json" -> json = true;
                    case "--rs-lora" -> rsLora = true;
                    case "--dora" -> dora = true;
                    case "--model" -> model = Path.of(value());
                    case "--type" -> type = choice(List.of("bf16", "fp32"), name -> name);
                    case "--rank" -> rank = (int) number(512);
                    case "--targets" -> targets = targets();
                    case "--top-layers" -> topLayers = (int) number(Integer.MAX_VALUE);
                    case "--quantization" -> quantization = choice(Arrays.asList(Quantization.values()),
                            Quantization::label);
                    case "--device" -> device = choice(Arrays.asList(ComputeDevice.values()), ComputeDevice::label);
                    case "--memory-tier" -> tier = tier();
                    case "--micro-batch-tokens" -> packTokens = (int) number(Integer.MAX_VALUE);
                    case "--sample-tokens" -> sampleTokens = (int) number(Integer.MAX_VALUE);
                    case "--threads" -> threads = (int) number(4096);
                    case "--memory-bytes" -> memory = number(Long.MAX_VALUE);
                    default -> throw new IllegalArgumentException("unknown argument " + arguments[next - 1]);
                }
            }
            if (model == null) {
                throw new IllegalArgumentException("--model is missing");
            }
            return new ProbeSettings(model, new RunSpec.Lora(rank, rank, targets, rsLora, dora, topLayers), type,
                    quantization, device, tier, packTokens, sampleTokens, threads, memory, json);
        }

        private String value() {
            if (next == arguments.length) {
                throw new IllegalArgumentException(arguments[next - 1] + " needs a value");
            }
            return arguments[next++];
        }

        private long number(long most) {
            String name = arguments[next - 1];
            try {
                long number = Long.parseLong(value());
                if (number >= 1 && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Refused below, like a number out of range.
            }
            throw new IllegalArgumentException(name + " must be a whole number of at least 1"
                    + (most < Integer.MAX_VALUE ? " and at most " + most : ""));
        }

        private <T> T choice(List<T> choices, Function<T, String> label) {
            String name = arguments[next - 1];
            String value = value();
            return choices.stream().filter(one -> label.apply(one).equals(value)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(name + " must be one of "
                            + String.join(", ", choices.stream().map(label).toList()) + ", not " + value));
        }

        private @Nullable MemoryTier tier() {
            String label = choice(Stream.concat(Stream.of("auto"), Arrays.stream(MemoryTier.values())
                    .map(MemoryTier::label)).toList(), name -> name);
            return label.equals("auto") ? null : MemoryTier.valueOf(label.toUpperCase(Locale.ROOT));
        }

        private List<String> targets() {
            List<String> names = List.of(value().split(",", -1));
            names.stream().filter(name -> !RunSpec.Lora.LINEAR_LAYERS.contains(name)).findFirst().ifPresent(name -> {
                throw new IllegalArgumentException("--targets has the unknown layer " + name + "; there are "
                        + String.join(", ", RunSpec.Lora.LINEAR_LAYERS));
            });
            return names;
        }
    }
}
