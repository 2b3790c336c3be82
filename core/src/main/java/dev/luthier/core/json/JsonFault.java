package dev.luthier.core.json;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/** What is wrong with a text that is not valid JSON, in words that name no parser and none of its settings. */
public final class JsonFault {
    private static final int REASON_CHARS = 200;

    /** Messages of the parser that speak of itself, with what they mean. */
    private record Rewrite(Pattern message, String meaning) {
        static Rewrite of(String message, String meaning) {
            return new Rewrite(Pattern.compile(message), meaning);
        }
    }

    private static final List<Rewrite> REWRITES = List.of(
            Rewrite.of("Non-standard token '([^']{1,20})'.*",
                    "$1 is not a JSON value; write null, or leave the key out"),
            Rewrite.of("Trailing token .*", "there is more text after the end of the value"),
            Rewrite.of("Unrecognized property \"(.*?)\".*", "the key \"$1\" is not known"),
            Rewrite.of("Cannot .*not one of the values accepted for Enum class: \\[(.*)\\].*",
                    "the value must be one of $1"),
            Rewrite.of("Cannot (?:deserialize|coerce|construct).*", "the value is of another kind than is wanted"),
            Rewrite.of("Duplicate Object property \"(.*)\"", "the key \"$1\" occurs twice"),
            Rewrite.of("No content to map.*", "there is no value"),
            Rewrite.of("Document nesting depth \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*",
                    "values are nested more than $2 levels deep"),
            Rewrite.of("Number value length \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*",
                    "a number has $1 digits; at most $2 are allowed"),
            Rewrite.of("Property name length \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*",
                    "a key has $1 characters; at most $2 are allowed"),
            Rewrite.of("Token count \\((\\d+)\\) exceeds the maximum allowed \\((\\d+).*",
                    "there are more than $2 values, keys and brackets"),
            Rewrite.of("(Unexpected character \\(.*?\\)): maybe a \\(non-standard\\) comment\\?.*",
                    "$1: JSON has no comments"));
    private static final Pattern ASIDE = Pattern
            .compile(" \\((?:start marker at|for \\w+ starting at) \\[.*?\\]\\)|,? ?from `[^`]*`|`[^`]*`");
    /** Names of classes, methods and options. */
    private static final Pattern OF_A_LIBRARY = Pattern
            .compile("\\b\\w+\\.\\w+\\.\\w+|\\b[A-Z][a-z]+[A-Z]\\w*|\\b[A-Z]+_[A-Z_]+|\\b[a-z]+[A-Z]\\w*\\(|Source:");

    private JsonFault() {}

    /** One clause without a full stop, with the place at which reading stopped where it is known. */
    public static String reason(JacksonException e) {
        String place = "";
        if (e.getLocation() != null && e.getLocation().getColumnNr() >= 1) {
            int line = e.getLocation().getLineNr();
            place = " (" + (line > 1 ? "line " + line + ", " : "") + "column " + e.getLocation().getColumnNr() + ")";
        }
        return clause(e.getOriginalMessage()) + place;
    }

    private static String clause(String message) {
        String first = message.lines().findFirst().orElse("").strip();
        for (Rewrite rewrite : REWRITES) {
            Matcher matcher = rewrite.message().matcher(first);
            if (matcher.matches()) {
                return shortened(matcher.replaceFirst(rewrite.meaning()));
            }
        }
        String plain = ASIDE.matcher(first).replaceAll("").strip();
        if (OF_A_LIBRARY.matcher(withoutQuotes(plain)).find()) {
            return "it cannot be read from here on";
        }
        return shortened(plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain);
    }

    /** What the text itself says may look like anything. */
    private static String withoutQuotes(String clause) {
        return clause.replaceAll("'[^']*'|\"[^\"]*\"", "");
    }

    private static String shortened(String clause) {
        return clause.length() <= REASON_CHARS ? clause : clause.substring(0, REASON_CHARS) + "…";
    }
}
