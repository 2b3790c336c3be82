package dev.luthier.core.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.chat.ToolCallParser.Answer;
import dev.luthier.core.chat.ToolCallParser.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ToolCallParserTest {
    private static final Call OSLO = new Call(null, "weather", "{\"city\":\"Oslo\"}");
    private static final Call CLOCK = new Call(null, "clock", "{}");

    static Stream<Arguments> answers() {
        return Stream.of(
                answer(ToolCallFormat.MISTRAL,
                        "[TOOL_CALLS] [{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}]", "", OSLO),
                answer(ToolCallFormat.MISTRAL,
                        "Look: [TOOL_CALLS][{\"name\":\"weather\",\"arguments\":{\"city\":\"Oslo\"},\"id\":\"abcdef123\"},"
                                + "{\"name\":\"clock\",\"arguments\":\"{}\"}]",
                        "Look:", new Call("abcdef123", "weather", OSLO.arguments()), CLOCK),
                answer(ToolCallFormat.MISTRAL, "[TOOL_CALLS]weather[ARGS]{\"city\": \"Oslo\"}[TOOL_CALLS]clock[ARGS]{}",
                        "", OSLO, CLOCK),
                answer(ToolCallFormat.MISTRAL, "[TOOL_CALLS]clock[CALL_ID]x1[ARGS]{}", "",
                        new Call("x1", "clock", "{}")),
                answer(ToolCallFormat.MISTRAL, "[TOOL_CALLS]f[ARGS]{\"a\":\"}]\\\"\",\"b\":[{}]}", "",
                        new Call(null, "f", "{\"a\":\"}]\\\"\",\"b\":[{}]}")),
                answer(ToolCallFormat.MISTRAL, "[TOOL_CALLS] nonsense", "[TOOL_CALLS] nonsense"),
                answer(ToolCallFormat.MISTRAL, "[TOOL_CALLS] [{\"name\": 3}]", "[TOOL_CALLS] [{\"name\": 3}]"),
                answer(ToolCallFormat.MISTRAL, "[TOOL_CALLS]weather[ARGS]{\"city\": \"Os",
                        "[TOOL_CALLS]weather[ARGS]{\"city\": \"Os"),
                answer(ToolCallFormat.MISTRAL, "plain [text] ", "plain [text] "),
                answer(ToolCallFormat.HERMES,
                        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call>", "",
                        OSLO),
                answer(ToolCallFormat.HERMES,
                        "Sure.\n\n<tool_call>{\"name\":\"clock\"}</tool_call>\n<tool_call>{\"name\":\"weather\",\"arguments\":{\"city\":\"Oslo\"}}",
                        "Sure.", CLOCK, OSLO),
                answer(ToolCallFormat.HERMES, "<tool_call>{\"name\":\"clock\",\"arguments\":{}}</tool_call> Done.",
                        " Done.", CLOCK),
                answer(ToolCallFormat.HERMES, "<tool_call>{broken}</tool_call>", "<tool_call>{broken}</tool_call>"),
                answer(ToolCallFormat.HERMES, "a < b and <tool", "a < b and <tool"),
                answer(ToolCallFormat.LLAMA3_JSON, "{\"name\": \"weather\", \"parameters\": {\"city\": \"Oslo\"}}", "",
                        OSLO),
                answer(ToolCallFormat.LLAMA3_JSON,
                        "<|python_tag|>{\"name\": \"clock\", \"parameters\": {}}; {\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}",
                        "", CLOCK, OSLO),
                answer(ToolCallFormat.LLAMA3_JSON, "{\"answer\": 42}", "{\"answer\": 42}"),
                answer(ToolCallFormat.LLAMA3_JSON, "{\"name\": \"x\", \"parameters\": {}} and more",
                        "{\"name\": \"x\", \"parameters\": {}} and more"),
                answer(ToolCallFormat.LLAMA3_JSON, "<|python_tag|>print(1)", "<|python_tag|>print(1)"),
                answer(ToolCallFormat.LLAMA3_JSON, "It is {\"name\": \"x\"}", "It is {\"name\": \"x\"}"),
                answer(ToolCallFormat.LLAMA3_JSON, "", ""),
                answer(ToolCallFormat.NONE, "<tool_call>{\"name\":\"clock\"}</tool_call>",
                        "<tool_call>{\"name\":\"clock\"}</tool_call>"));
    }

    private static Arguments answer(ToolCallFormat format, String text, String content, Call... calls) {
        return Arguments.of(format, text, new Answer(content, List.of(calls)));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void takesAnswersApart(ToolCallFormat format, String text, Answer expected) {
        assertThat(new ToolCallParser(format).parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("answers")
    void aStreamGivesTheSameInAnyPieces(ToolCallFormat format, String text, Answer expected) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        for (int round = 0; round < 20; round++) {
            ToolCallStream stream = new ToolCallParser(format).stream();
            StringBuilder content = new StringBuilder();
            int from = 0;
            while (from < text.length()) {
                int to = Math.min(text.length(), from + random.nextInt(1, 9));
                content.append(stream.append(text.substring(from, to)));
                from = to;
            }
            Answer end = stream.finish();
            assertThat(content + end.content()).as("round " + round).isEqualTo(expected.content());
            assertThat(end.calls()).isEqualTo(expected.calls());
        }
    }

    @Test
    void aStreamPassesTextOnAndWithholdsAStartingCall() {
        ToolCallStream stream = new ToolCallParser(ToolCallFormat.HERMES).stream();
        List<String> passed = new ArrayList<>();
        for (String piece : List.of("Hi", " <b>", " <to", "ol_call>{\"name\":", "\"clock\"}")) {
            passed.add(stream.append(piece));
        }
        assertThat(passed).containsExactly("Hi", " <b>", "", "", "");
        assertThat(stream.finish()).isEqualTo(new Answer("", List.of(CLOCK)));
    }

    @ParameterizedTest
    @CsvSource({"chatml, NONE", "qwen2.5, HERMES", "qwen3, HERMES", "hermes-macro, HERMES", "mistral-7b-v0.3, MISTRAL",
            "mistral-nemo, MISTRAL", "mistral-small-3, MISTRAL", "mistral-7b-v0.1, NONE", "llama-3.1, LLAMA3_JSON",
            "llama-3, NONE", "gemma, NONE", "granite-3, NONE"})
    void theTemplateTellsTheFormat(String template, ToolCallFormat format) {
        assertThat(ToolCallFormat.of(Golden.template(template))).isEqualTo(format);
    }

    @Test
    void whatATemplateWritesIsReadBack() {
        for (String name : List.of("qwen2.5", "qwen3", "hermes-macro", "mistral-7b-v0.3", "mistral-nemo",
                "mistral-small-3")) {
            ChatTemplate template = Golden.template(name);
            Conversation conversation = Golden.conversation("two-calls");
            TrainingText training = template.renderForTraining(conversation);
            TrainingText.Span span = training.spans().getFirst();
            String written = training.text().substring(span.start(), span.end()).replaceFirst("(</s>|<\\|im_end\\|>)$",
                    "");
            Answer answer = new ToolCallParser(ToolCallFormat.of(template)).parse(written);
            assertThat(answer.calls()).as(name).extracting(Call::name).containsExactly("get_weather", "clock");
            assertThat(answer.calls().getFirst().arguments()).isEqualTo("{\"city\":\"Bergen\"}");
        }
    }
}
