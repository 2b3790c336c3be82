package dev.luthier.core.model;

import dev.luthier.core.file.FileKind;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.Json;
import dev.luthier.core.json.JsonFault;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads the small files of a model directory; every fault is a USER problem that names the file. */
final class ModelFiles {
    /** The largest of them, the index of a model's weights, has some megabytes. */
    private static final int MAX_BYTES = 16 << 20;

    private ModelFiles() {}

    /** The JSON object in a file that must be there. */
    static JsonNode object(Path file) {
        JsonNode node = objectIfPresent(file);
        if (node == null) {
            throw Problem.user("missing_model_file", file + " is missing. A model directory needs it.").asException();
        }
        return node;
    }

    /** The JSON object in a file, or null if there is no such file. */
    static @Nullable JsonNode objectIfPresent(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            JsonNode node = Json.MAPPER.readTree(RegularFiles.read(file, MAX_BYTES));
            if (node.isObject()) {
                return node;
            }
            throw Problem.user("invalid_model_file", file + " must hold a JSON object.").asException();
        } catch (JacksonException e) {
            throw Problem.user("invalid_model_file", file + " is not valid JSON: " + FileKind.of(file)
                    .map(FileKind::sentence).orElseGet(() -> JsonFault.reason(e)) + ".").asException();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static String text(Path file) {
        FileKind.of(file).ifPresent(kind -> {
            throw Problem.user("invalid_model_file", file + " cannot be used: " + kind.sentence() + ".").asException();
        });
        try {
            return RegularFiles.readText(file, MAX_BYTES);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static RuntimeException unreadable(Path file, IOException e) {
        return Problem.user("unreadable_file", file + " cannot be read: " + RegularFiles.reason(e) + ".")
                .asException(e);
    }
}
