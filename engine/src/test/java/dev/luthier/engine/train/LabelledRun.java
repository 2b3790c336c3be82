package dev.luthier.engine.train;

import dev.luthier.core.json.Json;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Runs of {@link TinyRun} on texts with labels: {@code kind} says which of three sets all words are from, {@code traits},
 * which a fourth of the lines leave out, whether there are many and whether the first is a low one.
 */
final class LabelledRun {
    static final Task.Classification TASK = new Task.Classification(List.of(
            new Task.Target("kind", List.of("zero", "one", "two"), 1, Task.LossFunction.SINGLE_CLASS),
            new Task.Target("traits", List.of("many", "low"), 0.5, Task.LossFunction.MULTI_CLASS)));

    private LabelledRun() {}

    /** The run of {@link TinyRun} as a classification. */
    static RunSpec spec(TinyRun runs) throws IOException {
        Path training = runs.folder.resolve("labelled.jsonl");
        Path validation = runs.folder.resolve("valid-labelled.jsonl");
        Files.writeString(training, lines(24, 1));
        Files.writeString(validation, lines(20, 2));
        return PairRun.spec(runs.spec(), TASK, training, validation);
    }

    private static String lines(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).mapToObj(_ -> line(random)).collect(Collectors.joining("\n", "", "\n"));
    }

    private static String line(SplittableRandom random) {
        int kind = random.nextInt(3);
        int[] words = random.ints(random.nextInt(2, 14), 0, 6).map(word -> 3 * word + kind).toArray();
        Map<String, Object> labels = new LinkedHashMap<>();
        labels.put("kind", List.of("zero", "one", "two").get(kind));
        if (random.nextInt(4) > 0) {
            List<String> traits = new ArrayList<>();
            if (words.length > 7) {
                traits.add("many");
            }
            if (words[0] < 9) {
                traits.add("low");
            }
            labels.put("traits", traits);
        }
        return Json.write(Map.of("text",
                IntStream.of(words).mapToObj(word -> "w" + word).collect(Collectors.joining(" ")), "labels", labels));
    }
}
