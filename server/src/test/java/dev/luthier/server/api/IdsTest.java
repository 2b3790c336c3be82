package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdsTest {
    @Test
    void everyIdHasAnOpenAiFormThatReadsBack() {
        Random random = new Random(7);
        for (int i = 0; i < 1000; i++) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            String text = Ids.openAi(Ids.JOB, id);
            assertThat(text).matches("ftjob-[0-9A-Za-z]{22}");
            assertThat(Ids.parse(Ids.JOB, text)).contains(id);
            assertThat(Ids.parse(Ids.JOB, id.toString())).contains(id);
        }
        assertThat(Ids.parse(Ids.FILE, Ids.openAi(Ids.FILE, new UUID(0, 0)))).contains(new UUID(0, 0));
        assertThat(Ids.parse(Ids.FILE, Ids.openAi(Ids.FILE, new UUID(-1, -1)))).contains(new UUID(-1, -1));
    }

    @Test
    void textsThatAreNoIdsAreEmpty() {
        for (String text : new String[]{"", "file-", "1-1-1-1-1", "file-" + "z".repeat(22), "ftjob-" + "0".repeat(22),
                "file-" + "0".repeat(21) + "-", "00000000-0000-0000-0000-00000000000g"}) {
            assertThat(Ids.parse(Ids.FILE, text)).as(text).isEmpty();
        }
    }
}
