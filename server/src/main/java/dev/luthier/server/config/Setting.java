package dev.luthier.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One setting that the operator can make: {@code --files.max-bytes 1GB} as a flag, {@code LUTHIER_FILES_MAX_BYTES} in
 * the environment, {@code files: max-bytes: 1GB} in {@code luthier.yaml}.
 *
 * @param key dotted name in lower case; words are joined by hyphens
 * @param reader turns the text into a value; throws {@link IllegalArgumentException} whose message completes the
 *     sentence "KEY must be ...", or a {@link dev.luthier.core.problem.ProblemException} with sentences of its own
 * @param defaultValue used when no source names the setting
 * @param description one line for {@code --help}
 * @param isMap whether the setting is a table of names: every key below it in the file belongs to it
 */
public record Setting<T>(String key, Function<Map<String, String>, T> reader, T defaultValue, String description,
        boolean isMap) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(|B|KB|MB|GB|KiB|MiB|GiB)");

    public static Setting<String> text(String key, String defaultValue, String description) {
        return scalar(key, text -> text, defaultValue, description);
    }

    public static Setting<Optional<Path>> path(String key, String description) {
        return scalar(key, text -> Optional.of(Path.of(text).toAbsolutePath().normalize()), Optional.empty(),
                description);
    }

    public static Setting<Optional<URI>> uri(String key, String description) {
        return scalar(key, text -> Optional.of(httpUri(text)), Optional.empty(), description);
    }

    public static Setting<Boolean> flag(String key, String description) {
        return scalar(key, Setting::bool, false, description);
    }

    public static Setting<Integer> integer(String key, int minimum, int maximum, int defaultValue,
            String description) {
        return scalar(key, text -> {
            long value;
            try {
                value = Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("a whole number", e);
            }
            if (value < minimum || value > maximum) {
                throw new IllegalArgumentException("from " + minimum + " to " + maximum);
            }
            return (int) value;
        }, defaultValue, description);
    }

    /** One of a few words; the first is the default. */
    public static Setting<String> choice(String key, List<String> words, String description) {
        return scalar(key, text -> {
            if (!words.contains(text)) {
                throw new IllegalArgumentException("one of " + String.join(", ", words));
            }
            return text;
        }, words.getFirst(), description);
    }

    /** A number of bytes: {@code 512MB}, {@code 1GiB} or plain digits. */
    public static Setting<Long> bytes(String key, long defaultValue, String description) {
        return scalar(key, Setting::size, defaultValue, description);
    }

    /** A table of names, for example {@code models: aliases: {open-mistral-7b: luthier-tiny}}. */
    public static <T> Setting<Map<String, T>> table(String key, Function<Map<String, String>, Map<String, T>> reader,
            String description) {
        return new Setting<>(key, reader, Map.of(), description, true);
    }

    /** One value, read by what it belongs to. */
    public static <T> Setting<T> of(String key, Function<String, T> reader, T defaultValue, String description) {
        return scalar(key, reader, defaultValue, description);
    }

    private static <T> Setting<T> scalar(String key, Function<String, T> reader, T defaultValue, String description) {
        return new Setting<>(key, values -> reader.apply(values.values().iterator().next()), defaultValue, description,
                false);
    }

    /** The name in the environment: {@code LUTHIER_FILES_MAX_BYTES}. */
    public String environmentName() {
        return environmentName(key);
    }

    static String environmentName(String key) {
        return "LUTHIER_" + key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("true or false");
        };
    }

    private static URI httpUri(String text) {
        URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        if ((!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException("an http or https address");
        }
        return uri;
    }

    private static long size(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a size such as 512MB, 1GiB or 1000000");
        }
        long unit = switch (matcher.group(2)) {
            case "KB" -> 1_000L;
            case "MB" -> 1_000_000L;
            case "GB" -> 1_000_000_000L;
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            default -> 1L;
        };
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("less than 8589934592GiB", e);
        }
    }
}
