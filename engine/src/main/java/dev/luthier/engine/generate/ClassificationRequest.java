package dev.luthier.engine.generate;

import dev.luthier.core.data.Packer;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The body of {@code POST /v1/classify}.
 *
 * @param model a loaded adapter's name
 * @param inputs token ids of each text
 */
record ClassificationRequest(String model, List<int[]> inputs) {
    private static final Set<String> FIELDS = Set.of("model", "inputs");

    /**
     * Reads and checks a body.
     *
     * @param baseModel name of the base model, which is no classifier
     * @param vocabSize token ids are below it
     * @param maxContext most tokens of an input
     */
    static ClassificationRequest parse(String body, String baseModel, int vocabSize, int maxContext) {
        RequestFields fields = RequestFields.parse(body, FIELDS);
        String model = fields.string("model");
        if (model.equals(baseModel)) {
            throw notAClassifier(model);
        }
        List<int[]> inputs = fields.tokenLists("inputs", vocabSize);
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).length > maxContext) {
                throw Problem.user("context_length_exceeded", "inputs[" + i + "] has " + inputs.get(i).length
                        + " tokens, but this model's context is " + maxContext + " tokens. Shorten it.",
                        "inputs[" + i + "]").asException();
            }
        }
        return new ClassificationRequest(model, inputs);
    }

    static ProblemException notAClassifier(String model) {
        return Problem.user("model_not_classifier", "The model " + model + " is not a classifier.", "model")
                .asException();
    }

    /** The probabilities of all labels for each input: short ones side by side, so that no step waits for all of them. */
    double[][] run(GenerationLoop loop) {
        double[][] probabilities = new double[inputs.size()][];
        int[] lengths = inputs.stream().mapToInt(input -> input.length).toArray();
        for (int[] members : Packer.pack(lengths, GenerationLoop.PROMPT_TOKENS_PER_STEP)) {
            List<int[]> texts = Arrays.stream(members).mapToObj(inputs::get).toList();
            double[][] found = loop.callInTurn(decoder -> decoder.classify(model, texts));
            for (int i = 0; i < members.length; i++) {
                probabilities[members[i]] = found[i];
            }
        }
        return probabilities;
    }
}
