package dev.luthier.engine.train;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs of {@link TinyRun} on preference pairs, whose answers end with the model's end token. */
final class PairRun {
    private static final String TEMPLATE = "{% for m in messages %}{{ m.content }} "
            + "{% if m.role == 'assistant' %}<end> {% endif %}{% endfor %}";

    private PairRun() {}

    /** Gives the model a chat template. */
    static TinyRun in(Path folder) throws IOException {
        TinyRun runs = new TinyRun(folder);
        Files.writeString(runs.model().resolve("tokenizer_config.json"),
                Json.write(Map.of("eos_token", "<end>", "chat_template", TEMPLATE)));
        return runs;
    }

    /** Another run for a task on other files. */
    static RunSpec spec(RunSpec of, Task task, Path training, Path... validation) {
        return new RunSpec(of.version(), task, of.baseModel(), of.startAdapter(), files(training), files(validation),
                of.lora(), of.optimizer(), of.batch(), of.numerics(), of.selection(), of.seed());
    }

    private static List<RunSpec.DataFile> files(Path... paths) {
        return List.of(paths).stream().map(path -> new RunSpec.DataFile(path, 1, "")).toList();
    }
}
