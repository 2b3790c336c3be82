package dev.luthier.bench.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DocumentSectionTest {
    private static final Path NAME = Path.of("page.md");
    private static final String BEGIN = "<!-- begin: written by bench/run train --write-docs -->";
    private static final String END = "<!-- end: written by bench/run train --write-docs -->";

    @Test
    void onlyWhatIsBetweenTheMarksIsReplaced() {
        assertThat(DocumentSection.replace(NAME, "before\n" + BEGIN + "\nold\n" + END + "\nafter\n", "new\n"))
                .isEqualTo("before\n" + BEGIN + "\n\nnew\n\n" + END + "\nafter\n");
    }

    @Test
    void writingTheSameTwiceChangesNothing() {
        String once = DocumentSection.replace(NAME, BEGIN + END, "text");
        assertThat(DocumentSection.replace(NAME, once, "text")).isEqualTo(once);
    }

    @Test
    void documentWithoutMarksIsRefused() {
        assertThatThrownBy(() -> DocumentSection.replace(NAME, "text", "new")).hasMessageContaining("page.md");
    }
}
