package dev.luthier.core.command;

import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The values of an option that has few, by the names that people write. */
public record Choice<T>(List<T> values, Function<T, String> label) implements ITypeConverter<T> {

    /** All constants of an enum. */
    public static <T extends Enum<T>> Choice<T> of(Class<T> type, Function<T, String> label) {
        return new Choice<>(List.of(type.getEnumConstants()), label);
    }

    @Override
    public T convert(String text) {
        return values.stream().filter(value -> label.apply(value).equalsIgnoreCase(text)).findFirst()
                .orElseThrow(() -> new TypeConversionException("it must be one of "
                        + String.join(", ", values.stream().map(label).toList()) + ", not " + text));
    }
}
