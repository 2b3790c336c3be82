package dev.luthier.server.config;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes the paths of this machine out of texts for people who do not run it. A path is what begins with a directory of
 * the file system's root, so that addresses such as {@code /v1/models} stay. Its last name stays too: it says which file
 * is meant.
 */
public final class ServerPaths {
    private static final Set<String> ROOTS = roots();
    private static final Pattern PATH = Pattern
            .compile("(?<![\\w./\\\\}\\]-])/([^/\\s\"'<>|:;,()\\[\\]{}`]+)(?:/[^/\\s\"'<>|:;,()\\[\\]{}`]+)*/?");

    private ServerPaths() {}

    private static Set<String> roots() {
        File[] found = new File("/").listFiles(File::isDirectory);
        return found == null
                ? Set.of()
                : Arrays.stream(found).map(File::getName).collect(Collectors.toUnmodifiableSet());
    }

    /** The text with {@code …/NAME} for each path. */
    public static String hide(String text) {
        return PATH.matcher(text).replaceAll(match -> isServers(match)
                ? "…/" + Matcher.quoteReplacement(name(match))
                : Matcher.quoteReplacement(match.group()));
    }

    /** The text, of the same length, with asterisks for all of each path but its last name. */
    public static String mask(String text) {
        return PATH.matcher(text).replaceAll(match -> Matcher.quoteReplacement(isServers(match)
                ? "*".repeat(match.group().lastIndexOf(name(match))) + match.group()
                        .substring(match.group().lastIndexOf(name(match)))
                : match.group()));
    }

    private static boolean isServers(MatchResult match) {
        return ROOTS.contains(match.group(1));
    }

    private static String name(MatchResult match) {
        Path name = Path.of(match.group()).getFileName();
        return name == null ? "" : name.toString();
    }
}
