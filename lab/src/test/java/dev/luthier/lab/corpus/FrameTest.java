package dev.luthier.lab.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FrameTest {
    @Test
    void choicesOptionsAndSlotsAreFilled() {
        Frame frame = new Frame("(Bring|Take) {what}[ (now|later)].");
        Set<String> texts = new TreeSet<>();
        Draw draw = new Draw(1);
        for (int i = 0; i < 200; i++) {
            texts.add(frame.fill(draw, slot -> slot + "!"));
        }
        assertThat(texts).containsExactly("Bring what! later.", "Bring what! now.", "Bring what!.", "Take what! later.",
                "Take what! now.", "Take what!.");
    }

    @Test
    void articleFollowsTheWordAfterIt() {
        assertThat(new Frame("a {x} and a house").fill(new Draw(1), slot -> "owl")).isEqualTo("an owl and a house");
    }

    @Test
    void openBracketIsAFault() {
        assertThatThrownBy(() -> new Frame("a (b").fill(new Draw(1), slot -> "")).hasMessageContaining("never closed");
    }
}
