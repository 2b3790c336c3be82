package dev.luthier.engine.generate;

import dev.luthier.engine.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Logits over whole texts as the worker computes them, through its key-value cache. */
public final class ServedLogits {
    private static final long CACHE_BYTES = 256L << 20;
    private static final String ADAPTER = "adapter";

    private ServedLogits() {}

    /**
     * Feeds each text in three pieces, the last of one token, and collects the logits after every token.
     *
     * @param model directory of the base model
     * @param adapter directory in PEFT layout
     * @param texts token ids of each, at least one
     * @return for each text [T, V], row-major
     * @throws dev.luthier.core.problem.ProblemException USER for faults in the directories
     */
    public static List<float[]> of(Path model, Path adapter, DType type, List<int[]> texts) {
        int longest = texts.stream().mapToInt(text -> text.length).max().orElse(1);
        List<float[]> all = new ArrayList<>();
        try (DecoderModel decoder = DecoderModel.load(model, type, longest, CACHE_BYTES)) {
            decoder.loadAdapter(ADAPTER, adapter);
            for (int[] text : texts) {
                try (TokenModel.Row row = decoder.open(ADAPTER, text.length)) {
                    all.add(logits(decoder, row, text));
                }
            }
        }
        return all;
    }

    private static float[] logits(DecoderModel decoder, TokenModel.Row row, int[] text) {
        float[] all = new float[text.length * decoder.vocabSize()];
        int[] ends = {text.length / 2, text.length - 1, text.length};
        int next = 0;
        for (int end : ends) {
            int start = row.length();
            if (end > start) {
                int[] tokens = Arrays.copyOfRange(text, start, end);
                for (float[] ofToken : decoder.step(List.of(new TokenModel.Piece(row, tokens, tokens.length)))[0]) {
                    System.arraycopy(ofToken, 0, all, next, ofToken.length);
                    next += ofToken.length;
                }
            }
        }
        return all;
    }
}
