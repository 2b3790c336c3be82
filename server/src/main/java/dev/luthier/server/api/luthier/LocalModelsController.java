package dev.luthier.server.api.luthier;

import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.model.AdapterFiles;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.Model;
import dev.luthier.server.model.ModelService;
import dev.luthier.server.model.TarGzip;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Brings models in from this machine's disk, and adapters out. */
@RestController
@RequestMapping("/luthier/v1/models")
public final class LocalModelsController {
    private static final Pattern SUFFIX = Pattern.compile("[a-zA-Z0-9_.-]*");

    private final ModelService models;

    LocalModelsController(ModelService models) {
        this.models = models;
    }

    /**
     * @param type {@code base} or {@code fine-tuned}
     * @param notes what was found out about a base model's chat template
     */
    record AddedJson(String id, String object, String type, List<String> notes) {}

    /**
     * Adds a directory on the server's machine: with {@code base} a PEFT adapter of that base model, else a base model.
     * The server reads any directory it is told to, so only administrators may.
     */
    @PostMapping
    @RequiresScope(Scope.INSTANCE)
    AddedJson add(Principal caller, Query query, Fields body) {
        query.finish();
        String path = body.text("path").notEmpty().required();
        String base = body.text("base").notEmpty().orNull();
        String name = body.text("name").notEmpty().maxLength(64)
                .matching(SUFFIX, "hold only letters, digits, dots, hyphens and underscores").orNull();
        body.finish();
        Path directory = directory(path);
        Model added = base == null
                ? models.addBase(directory, name)
                : models.addAdapter(caller, directory, base, suffix(name, directory));
        return new AddedJson(added.id(), "model", base == null ? "base" : "fine-tuned",
                base == null ? notes(directory) : List.of());
    }

    private static List<String> notes(Path directory) {
        ModelDirectory model = ModelDirectory.open(directory);
        try (Tokenizer tokenizer = model.tokenizer()) {
            return TemplateSet.of(model, tokenizer)
                    .map(templates -> templates.notes().stream().map(TemplateNote::text).toList())
                    .orElse(List.of("The model has no chat template, so it serves and learns plain text only."));
        } catch (ProblemException fault) {
            return List.of("Conversations cannot be used. " + fault.problem().message());
        }
    }

    record RemovedJson(String id, String object, boolean deleted) {}

    /**
     * Removes a base model from the data directory, with {@code force=true} also while jobs, answers or fine-tuned models
     * need it; or a fine-tuned model of the caller's, as each dialect's own route does for every role that writes.
     */
    @DeleteMapping("/{id}")
    @RequiresScope(Scope.INSTANCE)
    RemovedJson remove(Principal caller, Query query, @PathVariable("id") String id) {
        boolean force = query.bool("force", false);
        query.finish();
        models.remove(caller, id, force);
        return new RemovedJson(id, "model", true);
    }

    private static Path directory(String path) {
        Path directory = Path.of(path);
        if (!directory.isAbsolute() || !Files.isDirectory(directory)) {
            throw Problem.user("invalid_value",
                    "path must be the absolute path of a directory on the server's machine, not " + path + ".", "path")
                    .asException();
        }
        return directory;
    }

    private static @Nullable String suffix(@Nullable String name, Path directory) {
        return name != null || directory.getFileName() == null ? name : directory.getFileName().toString();
    }

    /** The adapter of a fine-tuned model in PEFT's layout, as a gzipped tar archive. */
    @GetMapping("/{id}/adapter")
    @RequiresScope(Scope.READ)
    void adapter(Principal caller, Query query, @PathVariable("id") String id, HttpServletResponse response)
            throws IOException {
        query.finish();
        FineTunedModel model = models.fineTuned(caller, id);
        AdapterFiles.requireSound(model.id(), model.adapter(), model.adapterSha256());
        response.setContentType("application/gzip");
        response.setHeader("Content-Disposition", "attachment; filename=\""
                + model.mistralName().replaceAll("[^A-Za-z0-9._-]", "-") + ".tar.gz\"");
        TarGzip.write(model.adapter(), response.getOutputStream());
    }
}
