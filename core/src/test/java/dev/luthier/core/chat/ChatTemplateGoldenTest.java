package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.jinja.run.Rendering;
import dev.luthier.core.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Compares with what transformers rendered; {@code golden/chat/render.py} made the expectations. */
final class ChatTemplateGoldenTest {

    @TestFactory
    List<DynamicTest> rendersWhatTransformersRenders() {
        Map<String, Conversation> conversations = Golden.conversations();
        List<DynamicTest> tests = new ArrayList<>();
        Golden.json("renderings.json").properties().forEach(template -> tests
                .add(DynamicTest.dynamicTest(template.getKey(), () -> check(template.getKey(), template.getValue(),
                        conversations))));
        assertThat(tests).hasSizeGreaterThan(12);
        return tests;
    }

    private static void check(String name, JsonNode renderings, Map<String, Conversation> conversations) {
        ChatTemplate template = Golden.template(name);
        conversations.forEach((key, conversation) -> {
            JsonNode expected = renderings.get(key);
            compare(key, expected.get("text"), () -> template.render(conversation, false));
            compare(key + " with prompt", expected.get("prompt"), () -> template.render(conversation, true));
            if (expected.has("continued")) {
                compare(key + " continued", expected.get("continued"),
                        () -> template.renderContinuing(conversation, Map.of()));
            }
            if (expected.has("spans") && !expected.get("text").isNull()) {
                assertThat(generations(template, conversation)).as(key).isEqualTo(expected.get("spans").toString());
            }
        });
    }

    /** In code points, as Python counts. */
    private static String generations(ChatTemplate template, Conversation conversation) {
        Rendering rendering = template.rendering(conversation, RenderOptions.MESSAGES);
        List<String> spans = new ArrayList<>();
        for (Rendering.Span span : rendering.generations()) {
            spans.add("[" + rendering.text().codePointCount(0, span.start()) + ","
                    + rendering.text().codePointCount(0, span.end()) + "]");
        }
        return "[" + String.join(",", spans) + "]";
    }

    private static void compare(String what, JsonNode expected, Supplier<String> rendering) {
        String text;
        try {
            text = rendering.get();
        } catch (ProblemException refused) {
            assertThat(expected.isNull()).as("%s: Python renders <%s>, we refuse: %s", what, expected,
                    refused.getMessage()).isTrue();
            return;
        }
        assertThat(expected.isNull()).as("%s: Python refuses it, we render <%s>", what, text).isFalse();
        assertThat(text).as(what).isEqualTo(expected.stringValue());
    }
}
