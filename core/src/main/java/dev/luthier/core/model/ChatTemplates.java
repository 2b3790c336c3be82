package dev.luthier.core.model;

import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Finds the chat templates of a model directory. */
final class ChatTemplates {

    static final String DEFAULT = "default";

    private ChatTemplates() {}

    /**
     * Template sources by name; {@code default} first. As in transformers, the files {@code chat_template.jinja} and
     * {@code additional_chat_templates/NAME.jinja}, where there are any, replace {@code chat_template} of
     * {@code tokenizer_config.json}, which is a source or a list of named ones.
     */
    static SequencedMap<String, String> read(Path directory) {
        SequencedMap<String, String> sources = readFiles(directory);
        if (sources.isEmpty()) {
            Path file = directory.resolve("tokenizer_config.json");
            JsonNode config = ModelFiles.objectIfPresent(file);
            readConfig(file, config == null ? null : config.get("chat_template"), sources);
        }
        String first = sources.remove(DEFAULT);
        if (first != null) {
            sources.putFirst(DEFAULT, first);
        }
        return sources;
    }

    private static SequencedMap<String, String> readFiles(Path directory) {
        SequencedMap<String, String> sources = new LinkedHashMap<>();
        Path single = directory.resolve("chat_template.jinja");
        if (Files.exists(single)) {
            sources.put(DEFAULT, ModelFiles.text(single));
        }
        Path additional = directory.resolve("additional_chat_templates");
        if (Files.isDirectory(additional)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(additional, "*.jinja")) {
                Map<String, String> sorted = new TreeMap<>();
                for (Path file : files) {
                    String name = file.getFileName().toString();
                    sorted.put(name.substring(0, name.length() - ".jinja".length()), ModelFiles.text(file));
                }
                sources.putAll(sorted);
            } catch (IOException e) {
                throw ModelFiles.unreadable(additional, e);
            }
        }
        return sources;
    }

    private static void readConfig(Path file, @Nullable JsonNode templates, Map<String, String> sources) {
        if (templates == null || templates.isNull()) {
            return;
        }
        if (templates.isArray()) {
            for (JsonNode template : templates) {
                sources.put(string(file, template.path("name")), string(file, template.path("template")));
            }
        } else if (templates.isObject()) {
            templates.properties().forEach(entry -> sources.put(entry.getKey(), string(file, entry.getValue())));
        } else {
            sources.put(DEFAULT, string(file, templates));
        }
    }

    private static String string(Path file, JsonNode node) {
        if (!node.isString()) {
            throw Problem.user("invalid_model_file",
                    file + ": chat_template must be a template or a list of objects with name and template.")
                    .asException();
        }
        return node.stringValue();
    }
}
