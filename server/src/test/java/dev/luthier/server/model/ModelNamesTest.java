package dev.luthier.server.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ModelNamesTest {
    private static final UUID ID = UUID.fromString("2813b7e6-cc2a-4ec3-9a5b-0c5d3c2b1a00");
    private static final Instant DAY = Instant.parse("2024-05-31T23:59:59Z");

    @Test
    void mistralNamesHaveBaseOrganizationDayAndJob() {
        String hex = ModelNames.organizationHex("org-a");
        assertThat(hex).matches("[0-9a-f]{8}").isNotEqualTo(ModelNames.organizationHex("org-b"));
        assertThat(ModelNames.mistral("open-mistral-7b", "org-a", DAY, null, ID))
                .isEqualTo("ft:open-mistral-7b:" + hex + ":20240531:2813b7e6");
        assertThat(ModelNames.mistral("open-mistral-7b", "org-a", DAY, "my-great-model", ID))
                .isEqualTo("ft:open-mistral-7b:" + hex + ":20240531:my-great-model:2813b7e6");
    }

    @Test
    void mistralNamesCleanAndCutASuffixOfTheOtherDialect() {
        assertThat(ModelNames.mistral("m", "org-a", DAY, "für alle: eine lange Endung", ID))
                .endsWith(":f-r-alle-eine-lang:2813b7e6");
    }

    @Test
    void namesOfModelsThatWereTrainedFurtherDoNotNest() {
        String mistral = ModelNames.mistral("open-mistral-7b", "org-a", DAY, "mine", ID);
        assertThat(ModelNames.root(mistral)).isEqualTo("open-mistral-7b");
        assertThat(ModelNames.root(ModelNames.checkpoint(ModelNames.openai("m", "org-a", null, ID), 10)))
                .isEqualTo("m");
        assertThat(ModelNames.root("gpt-4o-mini-2024-07-18")).isEqualTo("gpt-4o-mini-2024-07-18");
        assertThat(ModelNames.root("ft:")).isEqualTo("ft:");
        assertThat(ModelNames.checkpoint(mistral, 90)).isEqualTo(mistral + ":ckpt-step-90");
    }

    @Test
    void openAiNamesKeepAnEmptyPlaceForTheSuffix() {
        assertThat(ModelNames.openai("davinci-002", "org-arcade-labs", null, ID))
                .matches("ft:davinci-002:arcade-labs::[0-9A-Za-z]{8}");
        assertThat(ModelNames.openai("davinci-002", "org-arcade-labs", "mine", ID))
                .matches("ft:davinci-002:arcade-labs:mine:[0-9A-Za-z]{8}");
    }

    @Test
    void openAiNamesCleanASuffix() {
        assertThat(ModelNames.openai("m", "org-a", "a:b/c v1.2", ID)).matches("ft:m:a:a-b-c-v1\\.2:[0-9A-Za-z]{8}");
    }
}
