package dev.luthier.engine.train;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.RunSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Runs of a few steps on a tiny model, whose tokenizer knows the words w0, w1 and so on. */
final class TinyRun {
    private static final Path FIXTURES = Path.of("src/test/resources/parity");
    private static final int WORDS = 150;

    final Path folder;
    private final Path model;

    TinyRun(Path folder) throws IOException {
        this(folder, "llama");
    }

    /** @param fixture of the folder {@code parity}, whose model is taken */
    TinyRun(Path folder, String fixture) throws IOException {
        this.folder = folder;
        model = Files.createDirectories(folder.resolve("model"));
        for (String name : new String[]{"config.json", "model.safetensors"}) {
            Files.copy(FIXTURES.resolve(fixture).resolve(name), model.resolve(name));
        }
        Files.writeString(model.resolve("tokenizer.json"), tokenizer());
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"eos_token\": \"<end>\"}");
        Files.writeString(folder.resolve("train.jsonl"), lines(24, 1));
        Files.writeString(folder.resolve("valid.jsonl"), lines(5, 2));
    }

    private static String tokenizer() {
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        vocabulary.put("<unk>", 0);
        vocabulary.put("<end>", 2);
        for (int i = 0; i < WORDS; i++) {
            vocabulary.put("w" + i, 3 + i);
        }
        return """
                {"version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null,
                 "decoder": null, "added_tokens": [{"id": 2, "content": "<end>", "single_word": false, "lstrip": false,
                   "rstrip": false, "normalized": false, "special": true}],
                 "pre_tokenizer": {"type": "WhitespaceSplit"},
                 "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": %s}}
                """.formatted(Json.write(vocabulary));
    }

    /** Texts of 5 to 40 words. */
    private static String lines(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            List<String> words = new ArrayList<>();
            int length = random.nextInt(5, 41);
            for (int j = 0; j < length; j++) {
                words.add("w" + random.nextInt(WORDS));
            }
            lines.append("{\"text\": \"").append(String.join(" ", words)).append("\"}\n");
        }
        return lines.toString();
    }

    Path model() {
        return model;
    }

    Path trainFile() {
        return folder.resolve("train.jsonl");
    }

    /** Twelve steps of four samples: two epochs. */
    RunSpec spec() {
        return new RunSpec(model, null, List.of(new RunSpec.DataFile(trainFile(), 1, "")),
                List.of(new RunSpec.DataFile(folder.resolve("valid.jsonl"), 1, "")),
                RunSpec.Lora.plain(3, 6, RunSpec.Lora.LINEAR_LAYERS),
                new RunSpec.Optimizer(12, 0.01, 0.01, 0.1, 0.9, 0.999, 1e-8, 1.0),
                new RunSpec.Batch(4, 64, 80, 0), RunSpec.Numerics.plain("fp32", 1), 7);
    }

    RunDirectory create(String name, RunSpec spec) {
        RunDirectory directory = new RunDirectory(folder.resolve(name));
        directory.create(spec);
        return directory;
    }

    static List<Progress> progress(RunDirectory directory) {
        return directory.readProgress(0).lines();
    }
}
