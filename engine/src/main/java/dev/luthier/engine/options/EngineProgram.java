package dev.luthier.engine.options;

import dev.luthier.core.command.Choice;
import dev.luthier.core.command.Program;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.engine.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A {@link Program} that knows the engine's values by the names that people write. */
public final class EngineProgram {
    private static final List<Optional<MemoryTier>> TIERS = Stream
            .concat(Stream.of(Optional.<MemoryTier>empty()), Stream.of(MemoryTier.values()).map(Optional::of)).toList();

    private EngineProgram() {}

    /** @param command an object with picocli's annotations */
    public static CommandLine of(Object command) {
        return Program.of(command).registerConverter(DType.class, Choice.of(DType.class, DType::label))
                .registerConverter(Quantization.class, Choice.of(Quantization.class, Quantization::label))
                .registerConverter(ComputeDevice.class, Choice.of(ComputeDevice.class, ComputeDevice::label))
                .registerConverter(MemoryTier.class, EngineProgram::tier);
    }

    /** Null for {@code auto}. */
    private static @Nullable MemoryTier tier(String text) {
        return new Choice<>(TIERS, tier -> tier.map(MemoryTier::label).orElse("auto")).convert(text).orElse(null);
    }
}
