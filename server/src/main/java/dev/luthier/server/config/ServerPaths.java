package dev.luthier.server.config;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes the paths of this machine out of texts for people who do not run it. A path is what begins with a directory of
 * the file system's root, so that addresses such as {@code /v1/models} stay. Its last name stays too: it says which file
 * is meant. Directories whose names have spaces or other signs between words are recognised once they are
 * {@linkplain #remember remembered}. Thread-safe.
 */
public final class ServerPaths {
    private static final Set<String> ROOTS = roots();
    private static final Pattern PATH = Pattern
            .compile("(?<![\\w./\\\\}\\]-])/([^/\\s\"'<>|:;,()\\[\\]{}`]+)(?:/[^/\\s\"'<>|:;,()\\[\\]{}`]+)*/?");

    private static final Pattern BETWEEN_WORDS = Pattern.compile("[\\s\"'<>|:;,()\\[\\]{}`]");
    /** Directories that the pattern of a path would cut. */
    private static final Set<String> REMEMBERED = ConcurrentHashMap.newKeySet();

    private ServerPaths() {}

    /** Says that a directory is one of this server's. */
    public static void remember(Path directory) {
        String path = directory.toAbsolutePath().normalize().toString();
        if (BETWEEN_WORDS.matcher(path).find()) {
            REMEMBERED.add(path);
        }
    }

    /** The text with remembered directories written so that the pattern takes all of each; of the same length. */
    private static String joined(String text) {
        String joined = text;
        for (String directory : REMEMBERED) {
            if (joined.contains(directory)) {
                joined = joined.replace(directory, BETWEEN_WORDS.matcher(directory).replaceAll("_"));
            }
        }
        return joined;
    }

    private static Set<String> roots() {
        File[] found = new File("/").listFiles(File::isDirectory);
        return found == null
                ? Set.of()
                : Arrays.stream(found).map(File::getName).collect(Collectors.toUnmodifiableSet());
    }

    /** The text with {@code …/NAME} for each path. */
    public static String hide(String text) {
        return PATH.matcher(joined(text)).replaceAll(match -> isServers(match)
                ? "…/" + Matcher.quoteReplacement(name(match))
                : Matcher.quoteReplacement(match.group()));
    }

    /** The text, of the same length, with asterisks for all of each path but its last name. */
    public static String mask(String text) {
        return PATH.matcher(joined(text)).replaceAll(match -> Matcher.quoteReplacement(isServers(match)
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
