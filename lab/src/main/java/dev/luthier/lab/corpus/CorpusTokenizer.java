package dev.luthier.lab.corpus;

import dev.luthier.lab.corpus.BpeTrainer.Vocabulary;

/** The recipe of the bundled model's tokenizer. */
public final class CorpusTokenizer {
    private CorpusTokenizer() {}

    /** A vocabulary of {@code size} entries trained on the first {@code documents} documents of the corpus. */
    public static Vocabulary train(long seed, int documents, int size) {
        CorpusGenerator corpus = new CorpusGenerator(seed, 0);
        BpeTrainer trainer = new BpeTrainer(TokenizerFiles.SPECIAL_TOKENS, size);
        for (int i = 0; i < documents; i++) {
            trainer.add(corpus.next().text());
        }
        return trainer.train();
    }
}
