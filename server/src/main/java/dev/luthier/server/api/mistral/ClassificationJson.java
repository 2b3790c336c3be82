package dev.luthier.server.api.mistral;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a classifier says of the inputs of a request.
 *
 * @param results of each input, by target
 */
record ClassificationJson(String id, String model, List<Map<String, ScoresJson>> results) {

    /** Probabilities by label. */
    record ScoresJson(Map<String, Double> scores) {}

    /** @param scores of each input by label, by target */
    static ClassificationJson of(String id, String model, List<Map<String, Map<String, Double>>> scores) {
        List<Map<String, ScoresJson>> results = new ArrayList<>();
        for (Map<String, Map<String, Double>> input : scores) {
            Map<String, ScoresJson> targets = new LinkedHashMap<>();
            input.forEach((target, labels) -> targets.put(target, new ScoresJson(labels)));
            results.add(targets);
        }
        return new ClassificationJson(id, model, results);
    }
}
