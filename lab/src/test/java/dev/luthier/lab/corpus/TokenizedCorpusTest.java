package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.data.EncodedSample;
import dev.luthier.lab.corpus.Document.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TokenizedCorpusTest {
    private static final int END = 0;

    private static TokenizedCorpus of(List<Document> documents, int batchTokens, int longest) {
        return new TokenizedCorpus(documents.iterator(), text -> text.chars().toArray(), END, batchTokens, longest, 1);
    }

    @Test
    void targetsAreTheTokensOfTargetSegments() {
        Document document = new Document(List.of(new Segment("ab", false), new Segment("cd", true)));
        EncodedSample sample = of(List.of(), 10, 10).encode(document);
        assertThat(sample.tokens()).containsExactly('a', 'b', 'c', 'd', END);
        assertThat(sample.weights()).containsExactly(0, 0, 1, 1, 1);
        assertThat(of(List.of(), 10, 10).encode(Document.plain("ab")).weights()).containsExactly(0, 1, 1);
    }

    @Test
    void batchesKeepEveryShortDocumentOnceAndTheirBound() {
        List<Document> documents = Stream.iterate(1, n -> n + 1).limit(3000)
                .map(n -> Document.plain("x".repeat(1 + n * 7 % 60))).toList();
        TokenizedCorpus corpus = of(documents, 100, 50);
        List<Integer> lengths = new ArrayList<>();
        while (corpus.hasNext()) {
            List<EncodedSample> batch = corpus.next();
            assertThat(batch.stream().mapToInt(EncodedSample::length).sum()).isBetween(1, 100);
            batch.forEach(sample -> lengths.add(sample.length()));
        }
        List<Integer> expected = documents.stream().map(d -> d.text().length() + 1).filter(n -> n <= 50).toList();
        assertThat(lengths).containsExactlyInAnyOrderElementsOf(expected);
    }
}
