package dev.luthier.lab.pretrain;

import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.json.Json;
import dev.luthier.core.json.JsonFault;
import dev.luthier.core.model.Architecture;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.model.Rope;
import dev.luthier.core.model.RopeScaling;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.safetensors.TensorType;
import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.train.LearningRate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * Everything that decides a pre-trained model: the corpus, the tokenizer, the shape, the schedule.
 *
 * @param seed of the weights' initialisation and of the batch order
 * @param computeType {@code bf16}, {@code fp32}, or {@code auto} for what the machine computes faster when pre-training
 *     begins; master weights and moments are fp32 either way
 * @param heldOutBatches batches of the held-out corpus that the loss is measured on
 * @param prompts texts that the finished model continues, for a person to read
 */
public record PretrainRecipe(int seed, Corpus corpus, Shape model, Optimizer optimizer, String computeType,
        int heldOutBatches, List<String> prompts) {

    public PretrainRecipe {
        prompts = List.copyOf(prompts);
        require(seed >= 0, "seed", "must be at least 0");
        require(List.of("auto", "bf16", "fp32").contains(computeType), "computeType",
                "must be auto, bf16 or fp32");
        require(heldOutBatches >= 1, "heldOutBatches", "must be at least 1");
        require(corpus.longestDocument <= model.maxPositions, "corpus.longestDocument",
                "must be at most model.maxPositions");
    }

    /**
     * The text.
     *
     * @param seed of the training text
     * @param heldOutSeed of the held-out text; another one
     * @param copyDocuments short copy tasks at the start
     * @param tokenizerDocuments documents that the tokenizer is trained on
     * @param vocabularySize entries of the tokenizer
     * @param batchTokens most tokens of a batch
     * @param longestDocument longer documents, in tokens, are left out
     */
    public record Corpus(long seed, long heldOutSeed, long copyDocuments, int tokenizerDocuments, int vocabularySize,
            int batchTokens, int longestDocument) {
        public Corpus {
            require(seed != heldOutSeed, "corpus.heldOutSeed", "must differ from corpus.seed");
            require(tokenizerDocuments >= 1, "corpus.tokenizerDocuments", "must be at least 1");
            require(vocabularySize >= 300, "corpus.vocabularySize", "must be at least 300");
            require(longestDocument >= 2 && longestDocument <= batchTokens, "corpus.longestDocument",
                    "must be 2 to corpus.batchTokens");
        }
    }

    /**
     * The model: a Llama decoder with tied embeddings.
     *
     * @param initializerRange standard deviation of the initial weights; the projections that add to the residual
     *     stream get it divided by sqrt(2 x layers), or start at zero when copy heads are built in
     * @param copyHeads whether training starts from built-in heads that copy; needs two layers and a hidden size of
     *     three heads
     */
    public record Shape(int hiddenSize, int intermediateSize, int layers, int heads, int kvHeads, int headDim,
            int maxPositions, double ropeTheta, double rmsNormEps, double initializerRange,
            boolean copyHeads) {
        public Shape {
            require(hiddenSize >= 1 && intermediateSize >= 1 && layers >= 1, "model", "must have positive sizes");
            require(heads >= 1 && kvHeads >= 1 && heads % kvHeads == 0, "model.kvHeads", "must divide model.heads");
            require(headDim >= 2 && headDim % 2 == 0, "model.headDim", "must be even");
            require(maxPositions >= 2, "model.maxPositions", "must be at least 2");
            require(initializerRange > 0, "model.initializerRange", "must be greater than 0");
            require(!copyHeads || CopyHeads.fit(layers, hiddenSize, headDim), "model.copyHeads",
                    "needs two layers and a hidden size of three heads");
        }
    }

    /**
     * AdamW, with weight decay on matrices only.
     *
     * @param steps optimizer updates in all
     * @param batchesPerStep batches whose gradients make one update
     * @param warmupSteps linear warm-up
     * @param decaySteps last steps, over which the rate falls to zero along a cosine; before, it stays at its peak
     * @param maxGradientNorm clipping; 0 for none
     */
    public record Optimizer(int steps, int batchesPerStep, double learningRate, int warmupSteps, int decaySteps,
            double weightDecay, double beta1, double beta2, double epsilon, double maxGradientNorm) {
        public Optimizer {
            require(steps >= 1, "optimizer.steps", "must be at least 1");
            require(batchesPerStep >= 1, "optimizer.batchesPerStep", "must be at least 1");
            require(warmupSteps >= 0 && decaySteps >= 0 && (long) warmupSteps + decaySteps <= steps,
                    "optimizer.decaySteps", "must fit with warmupSteps into steps");
        }
    }

    /**
     * Reads a recipe.
     *
     * @throws ProblemException USER, naming the file and the fault
     */
    public static PretrainRecipe read(Path file) {
        try {
            return Json.MAPPER.readValue(Files.readString(file), PretrainRecipe.class);
        } catch (IOException e) {
            throw Problem.user("unreadable_file", file + " cannot be read: " + RegularFiles.reason(e) + ".")
                    .asException(e);
        } catch (JacksonException e) {
            Throwable cause = e.getCause();
            String fault = cause instanceof ProblemException ? cause.getMessage() : JsonFault.reason(e) + ".";
            throw Problem.user("invalid_recipe", file + ": " + fault).asException();
        }
    }

    /** The same with another compute type. */
    PretrainRecipe computing(String type) {
        return new PretrainRecipe(seed, corpus, model, optimizer, type, heldOutBatches, prompts);
    }

    /** The compute type as a type; {@code auto} must have been resolved. */
    DType type() {
        return DType.of(computeType);
    }

    /** The learning rate of each step. */
    LearningRate schedule() {
        return new LearningRate(optimizer.learningRate, optimizer.steps, optimizer.warmupSteps, optimizer.decaySteps);
    }

    /**
     * The model's configuration.
     *
     * @param vocabularySize entries that the trained tokenizer really has
     */
    ModelConfig config(int vocabularySize, int endOfText, int endOfTurn) {
        return new ModelConfig(Architecture.LLAMA, vocabularySize, model.hiddenSize, model.intermediateSize,
                model.layers, model.heads, model.kvHeads, model.headDim, model.rmsNormEps,
                new Rope(model.ropeTheta, new RopeScaling.None()), model.maxPositions, true, false, false, false, false,
                Collections.nCopies(model.layers, 0), TensorType.BF16, null, List.of(endOfTurn, endOfText), endOfText);
    }

    /** Whether a checkpoint of another recipe can go on with this one: only the schedule's length may differ. */
    boolean continues(PretrainRecipe other) {
        return withSteps(1, 0, 0).equals(other.withSteps(1, 0, 0))
                && optimizer.warmupSteps == other.optimizer.warmupSteps;
    }

    private PretrainRecipe withSteps(int steps, int warmupSteps, int decaySteps) {
        Optimizer o = optimizer;
        return new PretrainRecipe(seed, corpus, model, new Optimizer(steps, o.batchesPerStep, o.learningRate,
                warmupSteps, decaySteps, o.weightDecay, o.beta1, o.beta2, o.epsilon, o.maxGradientNorm), computeType,
                heldOutBatches, List.of());
    }

    private static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw Problem.user("invalid_recipe", field + " " + rule + ".", field).asException();
        }
    }
}
