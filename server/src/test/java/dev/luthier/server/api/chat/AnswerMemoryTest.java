package dev.luthier.server.api.chat;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.RequestMemory;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.ScoredToken;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AnswerMemoryTest {
    private static final ScoredToken ALTERNATIVE = new ScoredToken(new byte[]{'a'}, -1.0, List.of());

    private final AnswerMemory memory = new AnswerMemory(new RequestMemory(1 << 20));

    private static Piece piece(int tokens, int alternatives) {
        ScoredToken token = new ScoredToken(new byte[]{'a'}, -1.0, Collections.nCopies(alternatives, ALTERNATIVE));
        return new Piece("a".repeat(tokens), Collections.nCopies(tokens, token));
    }

    @Test
    void logProbabilitiesThatFillTheMemoryAreRefused() {
        try (AnswerMemory.Share share = memory.admitScores(0, 0)) {
            share.add(piece(50, 20));
            assertThatThrownBy(() -> share.add(piece(50, 20)))
                    .hasMessageContaining("Stream it, or ask for fewer answers, tokens or alternatives")
                    .extracting(thrown -> ((ProblemException) thrown).problem().code()).isEqualTo("answer_too_large");
        }
    }

    @Test
    void textWithoutThemTakesLittle() {
        try (AnswerMemory.Share share = memory.admitScores(0, 0)) {
            assertThatCode(() -> share.add(new Piece("a".repeat(80_000), List.of()))).doesNotThrowAnyException();
        }
    }

    @Test
    void whatAnAnswerTookIsFreeOnceItIsSent() {
        for (int i = 0; i < 10; i++) {
            memory.admitScores(70, 20).close();
        }
        assertThatThrownBy(() -> memory.admitScores(100, 20)).hasMessageContaining("more than 0 MiB");
    }
}
