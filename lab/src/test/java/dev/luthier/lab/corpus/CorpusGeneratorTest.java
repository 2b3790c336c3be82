package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CorpusGeneratorTest {
    @Test
    void documentDependsOnSeedAndIndexAlone() {
        CorpusGenerator streamed = new CorpusGenerator(3, 10);
        List<Document> first = IntStream.range(0, 200).mapToObj(i -> streamed.next()).toList();
        CorpusGenerator direct = new CorpusGenerator(3, 10);
        for (int i = 199; i >= 0; i--) {
            assertThat(direct.document(i)).isEqualTo(first.get(i));
        }
        assertThat(new CorpusGenerator(4, 10).document(50)).isNotEqualTo(first.get(50));
    }

    /** Changes with any change of the corpus: then the bundled model's recipe no longer gives the bundled model. */
    @Test
    void textIsTheOneOfTheRecipe() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        CorpusGenerator corpus = new CorpusGenerator(7, 3000);
        IntStream.range(0, 5000).forEach(i -> digest.update(corpus.next().text().getBytes(StandardCharsets.UTF_8)));
        assertThat(HexFormat.of().formatHex(digest.digest()).substring(0, 16)).isEqualTo("39f3aac737448f7a");
    }

    @Test
    void corpusBeginsWithCopyTasks() {
        CorpusGenerator corpus = new CorpusGenerator(5, 300);
        for (int i = 0; i < 300; i++) {
            String text = corpus.next().text();
            assertThat(text.contains(" | ") || text.contains("?<|im_end|>")).as(text).isTrue();
            assertThat(text.length()).isLessThan(500);
        }
    }

    @Test
    void documentsRarelyRepeat() {
        CorpusGenerator corpus = new CorpusGenerator(6, 0);
        Set<Document> documents = new HashSet<>();
        IntStream.range(0, 5000).forEach(i -> documents.add(corpus.next()));
        assertThat(documents).hasSizeGreaterThan(4700);
    }

    @Test
    void onlyWhatTheAssistantSaysCountsInMostChats() {
        CorpusGenerator corpus = new CorpusGenerator(8, 0);
        int chats = 0;
        int answersOnly = 0;
        for (int i = 0; i < 2000; i++) {
            Document document = corpus.next();
            if (document.text().startsWith("<|im_start|>")) {
                chats++;
                assertThat(document.segments()).anyMatch(Document.Segment::target);
                answersOnly += document.segments().getFirst().target() ? 0 : 1;
            }
        }
        assertThat(answersOnly).isBetween(chats * 55 / 100, chats * 75 / 100);
    }
}
