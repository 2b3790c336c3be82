package dev.luthier.lab.pretrain;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.core.digest.Sha256;
import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.engine.arithmetic.SelfTest;
import dev.luthier.engine.decoder.LossSum;
import dev.luthier.engine.options.EngineProgram;
import dev.luthier.engine.tensor.Libtorch;
import dev.luthier.engine.train.CheckpointStore;
import dev.luthier.engine.train.TerminationSignal;
import dev.luthier.lab.corpus.CorpusGenerator;
import dev.luthier.lab.corpus.CorpusTokenizer;
import dev.luthier.lab.corpus.TokenizedCorpus;
import dev.luthier.lab.corpus.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code luthier pretrain RECIPE.json --out DIR}: trains a small Llama model from scratch on the generated corpus and
 * writes it as a Hugging Face directory. Interrupted (Ctrl-C, SIGTERM, SIGKILL), it goes on with {@code --resume}.
 * Checkpoints are in {@code DIR/checkpoints} until the end. Exit status 0 at the end of training, 1 on failure, 2 on bad
 * usage, 3 when it was stopped with a checkpoint.
 */
public final class PretrainMain {
    private final PretrainRecipe recipe;
    private final Path out;
    private final boolean resume;

    private PretrainMain(PretrainRecipe recipe, Path out, boolean resume) {
        this.recipe = recipe;
        this.out = out;
        this.resume = resume;
    }

    public static void main(String[] arguments) {
        System.exit(EngineProgram.of(new Arguments()).execute(arguments));
    }

    @Command(name = "luthier pretrain", sortOptions = false, description = "Train a small Llama model from scratch, as models/luthier-tiny was. Interrupted, it goes on with --resume.")
    private static final class Arguments implements Callable<Integer> {
        @Parameters(paramLabel = "RECIPE.json", description = "Shape, corpus and schedule.")
        private Path recipe;

        @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the model is written; checkpoints are in DIR/checkpoints until the end.")
        private Path out;

        @Option(names = "--resume", description = "Go on from the last checkpoint.")
        private boolean resume;

        @Override
        public Integer call() throws IOException {
            return new PretrainMain(PretrainRecipe.read(recipe), out, resume).run() ? 0 : 3;
        }
    }

    private boolean run() throws IOException {
        TerminationSignal signal = TerminationSignal.install();
        try {
            return run(signal);
        } finally {
            signal.done();
        }
    }

    private boolean run(TerminationSignal signal) throws IOException {
        Libtorch.start();
        Files.createDirectories(out);
        Path tokenizerFile = out.resolve("tokenizer.json");
        CheckpointStore<PretrainState> checkpoints = new CheckpointStore<>(out.resolve("checkpoints"),
                PretrainState.STORED, 2);
        if (!resume && !checkpoints.isEmpty()) {
            throw Problem.user("checkpoint_present",
                    out + " holds checkpoints. Go on with --resume, or use another directory.").asException();
        }
        if (!resume || !Files.exists(tokenizerFile)) {
            writeTokenizer();
        }
        try (Tokenizer tokenizer = Tokenizer.load(tokenizerFile)) {
            int endOfText = tokenizer.tokenId(TokenizerFiles.END_OF_TEXT).orElseThrow();
            int endOfTurn = tokenizer.tokenId(TokenizerFiles.TURN_END).orElseThrow();
            ModelConfig config = recipe.config(tokenizer.vocabSize(), endOfText, endOfTurn);
            try (Pretrainer trainer = new Pretrainer(resolved(config, checkpoints), config,
                    corpus(recipe.corpus().seed(), recipe.corpus().copyDocuments(), tokenizer, endOfText),
                    heldOut(tokenizer, endOfText), checkpoints, PretrainMain::print)) {
                boolean done = trainer.run(resume, signal::received);
                if (done) {
                    finish(trainer, tokenizer, config);
                    checkpoints.clear();
                }
                return done;
            }
        }
    }

    /** With the number type that the checkpoint began with, or that a recipe without one gets on this machine. */
    private PretrainRecipe resolved(ModelConfig config, CheckpointStore<PretrainState> checkpoints) {
        if (!recipe.computeType().equals("auto")) {
            return recipe;
        }
        return recipe
                .computing(checkpoints.latest(PretrainMain::print).map(begun -> begun.state().recipe().computeType())
                        .orElseGet(() -> SelfTest.resolve("auto", config)));
    }

    private static void print(String line) {
        System.out.println(line);
    }

    private void writeTokenizer() throws IOException {
        PretrainRecipe.Corpus corpus = recipe.corpus();
        System.out.println("training the tokenizer on " + corpus.tokenizerDocuments() + " documents");
        TokenizerFiles.write(CorpusTokenizer.train(corpus.seed(), corpus.tokenizerDocuments(),
                corpus.vocabularySize()), recipe.model().maxPositions(), out);
    }

    private TokenizedCorpus corpus(long seed, long copyDocuments, Tokenizer tokenizer, int endOfText) {
        PretrainRecipe.Corpus corpus = recipe.corpus();
        return new TokenizedCorpus(new CorpusGenerator(seed, copyDocuments), text -> tokenizer.encode(text, false),
                endOfText, corpus.batchTokens(), corpus.longestDocument(), recipe.seed());
    }

    private List<List<EncodedSample>> heldOut(Tokenizer tokenizer, int endOfText) {
        TokenizedCorpus corpus = corpus(recipe.corpus().heldOutSeed(), 0, tokenizer, endOfText);
        List<List<EncodedSample>> batches = new ArrayList<>();
        while (batches.size() < recipe.heldOutBatches()) {
            batches.add(corpus.next());
        }
        return batches;
    }

    private void finish(Pretrainer trainer, Tokenizer tokenizer, ModelConfig config) throws IOException {
        LossSum after = trainer.heldOut();
        List<PretrainReport.Generation> generations = recipe.prompts().stream()
                .map(prompt -> new PretrainReport.Generation(prompt,
                        GreedyText.complete(trainer.weights(), tokenizer, prompt, 80, config.eosTokenIds())))
                .toList();
        String modelSha256 = ModelExporter.write(trainer.weights(), out);
        PretrainState state = trainer.state();
        PretrainReport report = new PretrainReport(recipe, config.parameterCount(), state.step(), state.tokens(),
                state.trainSeconds(), state.heldOutBefore(), after.meanLoss(), after.accuracy(), modelSha256,
                Sha256.hex(out.resolve("tokenizer.json")), generations);
        Files.writeString(out.resolve("pretraining.json"), Json.writePretty(report) + "\n");
        System.out.println("held-out after: " + Pretrainer.describe(after));
        for (PretrainReport.Generation generation : generations) {
            System.out.println("> " + generation.prompt() + "\n" + generation.continuation());
        }
        System.out.println("wrote " + out);
    }
}
