package dev.luthier.core.json;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.node.ObjectNode;

/**
 * A kind of JSON document that outlives the program that wrote it, such as {@code run.json} or a job's row. Every
 * document carries a {@code version}; reading one parses it, upgrades the tree to the form of today and only then binds
 * it, so no type has to know forms of earlier times. Thread-safe.
 *
 * <p>A field that is added needs a default in the upgrade ({@link #absent}), or documents of earlier programs cannot be
 * read any more. The version is raised only when the meaning of something changes that is there already.
 *
 * @param <T> what documents are bound to
 */
public final class StoredJson<T> {
    static final String VERSION = "version";

    private final Class<T> type;
    private final int version;
    private final Upgrade upgrade;
    private final boolean bindsVersion;

    private StoredJson(Class<T> type, int version, Upgrade upgrade) {
        this.type = type;
        this.version = version;
        this.upgrade = upgrade;
        this.bindsVersion = type.isRecord() && Stream.of(type.getRecordComponents())
                .anyMatch(component -> component.getName().equals(VERSION));
    }

    /** Changes a document of an earlier program into one of today. */
    @FunctionalInterface
    public interface Upgrade {
        /** @param version that the document says; 1 when it says none */
        void apply(ObjectNode document, int version);
    }

    /**
     * @param version of the form of today, from 1
     * @param upgrade is asked for each document, those of today's version too: fields are added without a new version
     */
    public static <T> StoredJson<T> of(Class<T> type, int version, Upgrade upgrade) {
        return new StoredJson<>(type, version, upgrade);
    }

    /** A kind of document in its first form. */
    public static <T> StoredJson<T> of(Class<T> type) {
        return of(type, 1, (document, version) -> {});
    }

    /**
     * Reads a document of this or an earlier form.
     *
     * @param where it was found, for the message: a file, or a column of a row
     * @throws ProblemException USER of code {@code invalid_document}, when it cannot be; one that a record's own rules
     *     refuse keeps their problem
     */
    public T read(String text, String where) {
        try {
            if (!(Json.parse(text) instanceof ObjectNode document)) {
                throw invalid(where, "it is no JSON object");
            }
            upgrade(document, where);
            return Json.MAPPER.treeToValue(document, type);
        } catch (JacksonException e) {
            if (e.getCause() instanceof ProblemException refused) {
                throw refused;
            }
            throw invalid(where, why(e));
        }
    }

    private static String why(JacksonException e) {
        String field = e.getPath().stream().map(JacksonException.Reference::getPropertyName)
                .filter(Objects::nonNull).collect(Collectors.joining("."));
        return switch (e) {
            case UnrecognizedPropertyException _ -> field + " is not known";
            case InvalidFormatException f when f.getTargetType() != null && f.getTargetType().isEnum() -> field
                    + " must be one of " + Stream.of(f.getTargetType().getEnumConstants()).map(Json::write)
                            .collect(Collectors.joining(", "));
            case MismatchedInputException _ -> (field.isEmpty() ? "a field" : field)
                    + " is missing or of another kind than it must be";
            default -> "it is not JSON: " + JsonFault.reason(e);
        };
    }

    /**
     * Brings a document up to date in place, one that is part of another: whoever reads that one binds it.
     *
     * @param where as for {@link #read}
     */
    public void upgrade(@Nullable JsonNode part, String where) {
        if (!(part instanceof ObjectNode document)) {
            return; // missing or null, which its owner judges
        }
        JsonNode written = document.path(VERSION);
        if (!written.isMissingNode() && (!written.isInt() || written.intValue() < 1)) {
            throw invalid(where, "version must be a whole number of at least 1");
        }
        int from = written.isMissingNode() ? 1 : written.intValue();
        if (from > version) {
            throw invalid(where, "a later version of Luthier has written it (version " + from
                    + " of its form; this one reads up to " + version + ")");
        }
        upgrade.apply(document, from);
        if (bindsVersion) {
            document.put(VERSION, version);
        } else {
            document.remove(VERSION);
        }
    }

    private static ProblemException invalid(String where, String why) {
        return Problem.user("invalid_document", where + " cannot be read: " + why).asException();
    }

    /** The document, compact, with its version. */
    public String write(T value) {
        return Json.write(tree(value));
    }

    public String writePretty(T value) {
        return Json.writePretty(tree(value));
    }

    private ObjectNode tree(T value) {
        ObjectNode document = Json.MAPPER.createObjectNode().put(VERSION, version);
        ((ObjectNode) Json.MAPPER.valueToTree(value)).properties()
                .forEach(field -> document.set(field.getKey(), field.getValue()));
        return document;
    }

    /**
     * Gives a field its default where a document lacks it; one that is null stays null.
     *
     * @param path names with dots between them; where one names an array, all of its elements are meant. Where the owner
     *     of the field is missing, nothing is done.
     */
    public static void absent(JsonNode document, String path, @Nullable Object value) {
        int dot = path.indexOf('.');
        if (document.isArray()) {
            document.forEach(element -> absent(element, path, value));
        } else if (dot >= 0) {
            absent(document.path(path.substring(0, dot)), path.substring(dot + 1), value);
        } else if (document instanceof ObjectNode owner && !owner.has(path)) {
            owner.set(path, Json.MAPPER.valueToTree(value));
        }
    }
}
