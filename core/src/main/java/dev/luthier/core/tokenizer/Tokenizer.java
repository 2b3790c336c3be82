package dev.luthier.core.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A Hugging Face tokenizer, loaded from a {@code tokenizer.json}. Nothing is ever truncated or padded.
 *
 * <p>All methods but {@link #close} may be called from several threads at once. Calls are native and block a carrier
 * thread: tokenize much text on platform threads. Closing while another thread is inside a call is a fault of the
 * caller.
 */
public final class Tokenizer implements AutoCloseable {

    private static final Map<String, String> OPTIONS = Map.of("truncation", "do_not_truncate", "padding",
            "do_not_pad", "addSpecialTokens", "true");

    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final Vocabulary vocabulary;

    private Tokenizer(HuggingFaceTokenizer tokenizer, Vocabulary vocabulary) {
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
    }

    /**
     * Loads a tokenizer.
     *
     * @throws ProblemException USER, naming the file, if it is missing or malformed; INTERNAL if this platform has no
     *     native tokenizer library
     */
    public static Tokenizer load(Path tokenizerJson) {
        byte[] json;
        try {
            json = Files.readAllBytes(tokenizerJson);
        } catch (IOException e) {
            throw Problem.user("missing_tokenizer", tokenizerJson + " cannot be read: " + e + ".").asException();
        }
        Vocabulary vocabulary = Vocabulary.read(tokenizerJson, json);
        try {
            return new Tokenizer(HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), OPTIONS), vocabulary);
        } catch (EngineException e) {
            throw new ProblemException(Problem.internal("tokenizer_library",
                    "The native tokenizer library cannot be loaded: " + e.getMessage() + "."), e);
        } catch (IOException | RuntimeException e) {
            throw new ProblemException(Problem.user("invalid_tokenizer",
                    tokenizerJson + " is not a tokenizer that can be used: " + e.getMessage() + "."), e);
        }
    }

    /**
     * Token ids of a text, in which an unpaired surrogate counts as U+FFFD.
     *
     * @param addSpecialTokens whether the tokenizer's template adds its tokens, such as one for the beginning; text
     *     rendered by a chat template carries its own, so that false is right there
     */
    public int[] encode(String text, boolean addSpecialTokens) {
        return ids(tokenizer.encode(wellFormed(text), addSpecialTokens, false));
    }

    /** Token ids of several texts, in their order; the native side spreads them over all cores. */
    public List<int[]> encodeAll(List<String> texts, boolean addSpecialTokens) {
        if (texts.isEmpty()) {
            return List.of();
        }
        List<String> wellFormed = texts.stream().map(Tokenizer::wellFormed).toList();
        return Arrays.stream(tokenizer.batchEncode(wellFormed, addSpecialTokens, false)).map(Tokenizer::ids).toList();
    }

    /** Token ids of a text and where in the Java string each comes from. */
    public Encoded encodeWithOffsets(String text, boolean addSpecialTokens) {
        return Encoded.of(text, tokenizer.encode(wellFormed(text), addSpecialTokens, false));
    }

    /** Half a surrogate pair is no character; U+FFFD takes its place, as it does in any UTF-8 encoder. */
    private static String wellFormed(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (!Character.isSurrogate(unit)) {
                continue;
            }
            if (Character.isHighSurrogate(unit) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                mended = mended == null ? new StringBuilder(text) : mended;
                mended.setCharAt(i, '\uFFFD');
            }
        }
        return mended == null ? text : mended.toString();
    }

    private static int[] ids(Encoding encoding) {
        return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    }

    /**
     * Text of token ids. Bytes that are not valid UTF-8 become U+FFFD.
     *
     * @param skipSpecialTokens whether tokens that the tokenizer marks as special are left out
     */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
    }

    /** A decoder for ids that come one by one; for one stream and one thread at a time. */
    public IncrementalDecoder incrementalDecoder(boolean skipSpecialTokens) {
        return new IncrementalDecoder(this, skipSpecialTokens);
    }

    /** One more than the greatest token id; a model's embedding may have more rows, never fewer. */
    public int vocabSize() {
        return vocabulary.size();
    }

    /** The id of a token in the vocabulary's own spelling (a byte-level one writes a space as U+0120). */
    public OptionalInt tokenId(String token) {
        return vocabulary.id(token);
    }

    /** The vocabulary's own spelling of a token, or empty for an id that has none. */
    public Optional<String> token(int id) {
        return vocabulary.token(id);
    }

    /**
     * The bytes of a token's text, by themselves often not valid UTF-8; none for an id that has no token. The tokens of a
     * text have its bytes together, but for a space that some tokenizers put before it.
     */
    public byte[] bytes(int id) {
        return vocabulary.bytes(id);
    }

    /** Whether the tokenizer marks the token as special. */
    public boolean isSpecial(int id) {
        return vocabulary.isSpecial(id);
    }

    /** Ids of all tokens that the tokenizer marks as special, ascending. */
    public List<Integer> specialTokenIds() {
        return new ArrayList<>(vocabulary.specialIds());
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
