package dev.luthier.core.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.jinja.value.Dict;
import dev.luthier.core.jinja.value.Limits;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Compares with what Python's Jinja printed; {@code golden/jinja/make_cases.py} made the expectations. */
final class JinjaGoldenTest {

    @TestFactory
    List<DynamicTest> printsWhatPythonPrints() throws IOException {
        JsonNode golden;
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/golden/jinja/cases.json"))) {
            golden = Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        Map<String, Value> variables = new LinkedHashMap<>();
        golden.get("variables").properties().forEach(entry -> variables.put(entry.getKey(), value(entry.getValue())));
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode example : golden.get("cases").values()) {
            String template = example.get("template").stringValue();
            tests.add(DynamicTest.dynamicTest(template.isBlank() ? "blank" : template,
                    () -> check(template, example.get("output"), variables)));
        }
        assertThat(tests).hasSizeGreaterThan(150);
        return tests;
    }

    private static void check(String template, JsonNode expected, Map<String, Value> variables) {
        String printed;
        try {
            printed = JinjaTemplate.compile(template)
                    .render(variables, () -> LocalDateTime.of(2026, 11, 21, 0, 0), Limits.DEFAULT).text();
        } catch (ProblemException refused) {
            assertThat(expected.isNull()).as("Python prints <%s>, we refuse: %s", expected, refused.getMessage())
                    .isTrue();
            return;
        }
        assertThat(expected.isNull()).as("Python refuses it, we print <%s>", printed).isFalse();
        assertThat(printed).isEqualTo(expected.stringValue());
    }

    private static Value value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, Value> keys = new LinkedHashMap<>();
                node.properties().forEach(entry -> keys.put(entry.getKey(), value(entry.getValue())));
                yield Dict.of(keys);
            }
            case ARRAY -> new Value.Sequence(node.values().stream().map(JinjaGoldenTest::value).toList());
            case STRING -> new Value.Str(node.stringValue());
            case BOOLEAN -> Value.Bool.of(node.booleanValue());
            case NUMBER -> node.isIntegralNumber()
                    ? new Value.Int(node.bigIntegerValue())
                    : new Value.Real(node.doubleValue());
            default -> Value.None.NONE;
        };
    }
}
