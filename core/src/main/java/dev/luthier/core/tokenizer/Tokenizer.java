package dev.luthier.core.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * A Hugging Face tokenizer, loaded from a {@code tokenizer.json}. Nothing is ever truncated or padded.
 *
 * <p>All methods but {@link #close} may be called from several threads at once. Calls are native and block a carrier
 * thread: tokenize much text on platform threads. Closing while another thread is inside a call is a fault of the
 * caller.
 */
public final class Tokenizer implements AutoCloseable {

    /**
     * Bytes in UTF-8 that a text may have; 4 MiB. Tokenizing takes 50 to 210 bytes of native memory a byte, so at most
     * 0.9 GB: texts share this room.
     */
    public static final int MAX_TEXT_BYTES = 4 << 20;
    /** The largest files of the supported families have 17 MB; loading takes some four times the size of the heap. */
    private static final int MAX_FILE_BYTES = 24 << 20;
    /** Code of the problem of a longer text. */
    public static final String TEXT_TOO_LONG = "text_too_long";
    private static final int ROOM_SHIFT = 10;
    private static final Semaphore ROOM = new Semaphore((MAX_TEXT_BYTES >> ROOM_SHIFT) + 1, true);

    private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    /** Of the native tokenizer; 0 once it is closed. */
    private final AtomicLong handle;
    private final Vocabulary vocabulary;

    private Tokenizer(long handle, Vocabulary vocabulary) {
        this.handle = new AtomicLong(handle);
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
            json = RegularFiles.read(tokenizerJson, MAX_FILE_BYTES);
        } catch (IOException e) {
            throw Problem.user("missing_tokenizer", tokenizerJson + " cannot be read: " + RegularFiles.reason(e) + ".")
                    .asException(e);
        }
        Vocabulary vocabulary = Vocabulary.read(tokenizerJson, json);
        try {
            LibUtils.checkStatus();
            long handle = LIBRARY.createTokenizerFromString(new String(json, StandardCharsets.UTF_8));
            LIBRARY.disableTruncation(handle);
            LIBRARY.disablePadding(handle);
            return new Tokenizer(handle, vocabulary);
        } catch (EngineException e) {
            throw new ProblemException(Problem.internal("tokenizer_library",
                    "The native tokenizer library cannot be loaded: " + e.getMessage() + "."), e);
        } catch (RuntimeException e) {
            throw new ProblemException(Problem.user("invalid_tokenizer",
                    tokenizerJson + " is not a tokenizer that can be used: " + e.getMessage() + "."), e);
        }
    }

    /**
     * Token ids of a text, in which an unpaired surrogate counts as U+FFFD.
     *
     * @param addSpecialTokens whether the tokenizer's template adds its tokens, such as one for the beginning; text
     *     rendered by a chat template carries its own, so that false is right there
     * @throws ProblemException USER {@link #TEXT_TOO_LONG} beyond {@link #MAX_TEXT_BYTES}, {@code untokenizable_text}
     *     where the tokenizer has no tokens for the text
     */
    public int[] encode(String text, boolean addSpecialTokens) {
        return encode(text, addSpecialTokens, LIBRARY::getTokenIds, Tokenizer::ints);
    }

    /** Token ids of a text and where in the Java string each comes from; throws as {@link #encode} does. */
    public Encoded encodeWithOffsets(String text, boolean addSpecialTokens) {
        @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
        record Tokens(long[] ids, CharSpan[] spans) {}
        return encode(text, addSpecialTokens,
                encoding -> new Tokens(LIBRARY.getTokenIds(encoding), LIBRARY.getTokenCharSpans(encoding)),
                tokens -> Encoded.of(text, ints(tokens.ids()), tokens.spans()));
    }

    /** What is asked of the encoding is made while it holds its memory; what becomes of that, afterwards. */
    private <N, T> T encode(String text, boolean addSpecialTokens, LongFunction<N> ask, Function<N, T> finish) {
        long bytes = utf8Bytes(text);
        if (bytes > MAX_TEXT_BYTES) {
            throw tooLong(bytes).asException();
        }
        int room = (int) (bytes >> ROOM_SHIFT) + 1;
        ROOM.acquireUninterruptibly(room);
        N found;
        try {
            long encoding = LIBRARY.encode(open(), wellFormed(text), addSpecialTokens);
            try {
                found = ask.apply(encoding);
            } finally {
                LIBRARY.deleteEncoding(encoding);
            }
        } catch (RuntimeException e) {
            throw new ProblemException(Problem.user("untokenizable_text",
                    "The model's tokenizer cannot read the text: " + e.getMessage() + "."), e);
        } finally {
            ROOM.release(room);
        }
        return finish.apply(found);
    }

    private static Problem tooLong(long bytes) {
        return Problem.user(TEXT_TOO_LONG,
                "The text has " + bytes + " bytes; at most " + MAX_TEXT_BYTES + " are tokenized at once. Shorten it.");
    }

    /**
     * Tokens that a text has at least, without tokenizing it; 0 where nothing can be told. Cheap: a text that has too
     * many anyway need not be tokenized.
     */
    public long leastTokens(String text) {
        return vocabulary.leastTokens(text, utf8Bytes(text));
    }

    private static long utf8Bytes(String text) {
        long bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            // A pair of surrogates has four bytes; half of one becomes U+FFFD, which has three.
            bytes += unit < 0x80 ? 0 : unit < 0x800 || isPairAt(text, i) ? 1 : 2;
            if (isPairAt(text, i)) {
                bytes++;
                i++;
            }
        }
        return bytes;
    }

    private static boolean isPairAt(String text, int index) {
        return Character.isHighSurrogate(text.charAt(index)) && index + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(index + 1));
    }

    /** Half a surrogate pair is no character; U+FFFD takes its place, as it does in any UTF-8 encoder. */
    private static String wellFormed(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (!Character.isSurrogate(unit)) {
                continue;
            }
            if (isPairAt(text, i)) {
                i++;
            } else {
                mended = mended == null ? new StringBuilder(text) : mended;
                mended.setCharAt(i, '\uFFFD');
            }
        }
        return mended == null ? text : mended.toString();
    }

    private static int[] ints(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    /**
     * Text of token ids. Bytes that are not valid UTF-8 become U+FFFD.
     *
     * @param skipSpecialTokens whether tokens that the tokenizer marks as special are left out
     */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return LIBRARY.decode(open(), Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
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

    private long open() {
        long current = handle.get();
        if (current == 0) {
            throw new IllegalStateException("the tokenizer is closed");
        }
        return current;
    }

    @Override
    public void close() {
        long closed = handle.getAndSet(0);
        if (closed != 0) {
            LIBRARY.deleteTokenizer(closed);
        }
    }
}
