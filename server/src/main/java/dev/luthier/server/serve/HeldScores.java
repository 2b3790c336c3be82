package dev.luthier.server.serve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Keeps log-probabilities in step with the text of an answer: those of a token wait until text of it comes out, which
 * may be later than the token, for characters are made of several tokens and stop strings hold text back. One thread.
 */
final class HeldScores {
    private final Deque<Held> held = new ArrayDeque<>();
    /** Characters of all tokens so far, and of the text that is out. */
    private int decoded;
    private int released;

    /** @param start characters before its text */
    private record Held(ScoredToken token, int start) {}

    /** Takes the next token and the number of characters that were complete with it. */
    void add(ScoredToken token, int characters) {
        held.add(new Held(token, decoded));
        decoded += characters;
    }

    /** More characters come out; gives the tokens of which at least the first one is out. */
    List<ScoredToken> release(int characters) {
        released += characters;
        List<ScoredToken> out = new ArrayList<>();
        while (!held.isEmpty() && held.element().start() < released) {
            out.add(held.remove().token());
        }
        return out;
    }

    /** The tokens that still wait, those without any text included. */
    List<ScoredToken> releaseAll() {
        List<ScoredToken> out = held.stream().map(Held::token).toList();
        held.clear();
        return out;
    }
}
