package dev.luthier.cli;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Finds the directory of a base model on this machine: by path, by its name in the data directory or among the bundled
 * models, or through a running server, which also knows aliases and the base of a fine-tuned model.
 */
final class ModelLookup {
    private final Connection connection;

    ModelLookup(Connection connection) {
        this.connection = connection;
    }

    /** @throws ProblemException USER, with the names that there are */
    Path find(String model) {
        Path path = Path.of(model);
        if (Files.isDirectory(path)) {
            return path;
        }
        List<Path> folders = folders();
        return Stream.concat(Stream.of(model), Stream.ofNullable(baseOnServer(model)))
                .flatMap(name -> folders.stream().filter(_ -> !name.contains("/")).map(folder -> folder.resolve(name)))
                .filter(directory -> Files.isRegularFile(directory.resolve("config.json"))).findFirst()
                .orElseThrow(() -> Problem.user("unknown_model", model + " is neither a model's directory nor the name "
                        + "of one in " + String.join(" or ", folders.stream().map(Path::toString).toList())
                        + ". Models there: " + names(folders) + ".").asException());
    }

    private List<Path> folders() {
        List<Path> folders = new ArrayList<>(List.of(connection.directory().resolve("models")));
        String bundled = System.getenv("LUTHIER_BUNDLED_MODELS");
        if (bundled != null) {
            folders.add(Path.of(bundled));
        }
        return folders;
    }

    private static String names(List<Path> folders) {
        TreeSet<String> names = new TreeSet<>();
        for (Path folder : folders) {
            try (Stream<Path> entries = Files.list(folder)) {
                entries.filter(entry -> Files.isRegularFile(entry.resolve("config.json")))
                        .forEach(entry -> names.add(String.valueOf(entry.getFileName())));
            } catch (IOException e) {
                // A folder that is not there has no models.
            }
        }
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /** The base model that a server means by a name; null when none answers or knows it. */
    private @Nullable String baseOnServer(String model) {
        try (ApiClient server = connection.open()) {
            JsonNode card = server.get("/mistral/v1/models/" + ApiClient.encode(model));
            return card.path("root").isString() ? card.path("root").stringValue() : card.path("id").asString(null);
        } catch (IOException | ProblemException e) {
            return null;
        }
    }
}
