package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Training data in other forms, and the conversations that are made of it. */
class ChatConverterTest {
    private final List<String> report = new ArrayList<>();

    private List<JsonNode> convert(byte[] file) throws IOException {
        StringWriter out = new StringWriter();
        ChatConverter.Result result = ChatConverter.convert(new ByteArrayInputStream(file), out, report::add);
        List<JsonNode> lines = out.toString().lines().map(Json::parse).toList();
        assertThat(result.written()).isEqualTo(lines.size());
        if (!lines.isEmpty()) {
            assertThat(DataValidator
                    .checkFormat(new ByteArrayInputStream(out.toString().getBytes(StandardCharsets.UTF_8))).faults())
                    .isEmpty();
        }
        return lines;
    }

    private List<JsonNode> convert(String file) throws IOException {
        return convert(file.getBytes(StandardCharsets.UTF_8));
    }

    private static String turns(JsonNode line) {
        StringBuilder turns = new StringBuilder();
        line.path("messages").forEach(message -> turns.append(message.path("role").asString()).append(": ")
                .append(message.path("content").asString("(call)")).append("; "));
        return turns.toString();
    }

    @Test
    void alpacaKeepsSystemHistoryInputAndWhatHasNoPlace() throws IOException {
        List<JsonNode> lines = convert(
                """
                        {"instruction": "Add", "input": "1, 2", "output": "3", "source": "book", "id": 7}
                        {"system": "Be short.", "history": [["Hi", "Hello"]], "instruction": "Bye", "input": "", "output": "Bye!"}
                        """);
        assertThat(turns(lines.getFirst())).isEqualTo("user: Add\n\n1, 2; assistant: 3; ");
        assertThat(lines.getFirst().path("metadata").path("source").asString()).isEqualTo("book");
        assertThat(lines.getFirst().path("id").intValue()).isEqualTo(7);
        assertThat(turns(lines.getLast()))
                .isEqualTo("system: Be short.; user: Hi; assistant: Hello; user: Bye; assistant: Bye!; ");
        assertThat(lines.getLast().has("metadata")).isFalse();
    }

    @Test
    void shareGptKeepsToolsAndCalls() throws IOException {
        List<JsonNode> lines = convert("""
                {"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "Lamp on"}, \
                {"from": "function_call", "value": "{\\"name\\": \\"lamp\\", \\"arguments\\": {\\"on\\": true}}"}, \
                {"from": "observation", "value": "done"}, {"from": "gpt", "value": "It is on."}], \
                "tools": "[{\\"name\\": \\"lamp\\", \\"parameters\\": {\\"type\\": \\"object\\"}}]"}
                """);
        JsonNode line = lines.getFirst();
        assertThat(turns(line))
                .isEqualTo("system: S; user: Lamp on; assistant: (call); tool: done; assistant: It is on.; ");
        JsonNode call = line.path("messages").get(2).path("tool_calls").get(0);
        assertThat(call.path("function").path("arguments").asString()).isEqualTo("{\"on\":true}");
        assertThat(line.path("messages").get(3).path("tool_call_id")).isEqualTo(call.path("id"));
        assertThat(line.path("tools").get(0).path("function").path("name").asString()).isEqualTo("lamp");
    }

    @Test
    void whatCannotBeConvertedIsReportedWithItsLineAndLeftOut() throws IOException {
        List<JsonNode> lines = convert("""
                {"prompt": "a", "completion": "b"}

                {"prompt": "a", "completion": ""}
                {"prompt": "a"}
                not json
                {"conversations": [{"from": "human", "value": "only"}]}
                {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
                {"text": "plain"}
                """);
        assertThat(lines).hasSize(2);
        assertThat(report).hasSize(5);
        assertThat(report.get(0))
                .isEqualTo("line 3: /messages/1/content: must not be empty: there is nothing to learn.");
        assertThat(report.get(1)).startsWith("line 4: /prompt: a prompt needs a completion");
        assertThat(report.get(2)).startsWith("line 5: not valid JSON");
        assertThat(report.get(3)).startsWith("line 6: /messages: there is no assistant message");
        assertThat(report.get(4)).isEqualTo("line 8: is plain text, but the first sample is a conversation.");
    }

    @Test
    void listsTablesAndPackedFilesAreRead() throws IOException {
        String list = "[{\"question\": \"q\", \"answer\": \"a\"},\n {\"question\": \"r\", \"answer\": \"b\"}, {\"question\": \"s\"}]";
        assertThat(convert(list)).extracting(ChatConverterTest::turns).containsExactly("user: q; assistant: a; ",
                "user: r; assistant: b; ");
        assertThat(report).singleElement().asString().startsWith("element 3: ");
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(list.getBytes(StandardCharsets.UTF_16));
        }
        assertThat(convert(gzip.toByteArray())).hasSize(2);
        report.clear();
        assertThat(convert("\uFEFFprompt,completion\r\n\"a, \"\"quoted\"\"\nover lines\",b\r\n\r\nc,d,e\r\nf,g\r\n"))
                .extracting(ChatConverterTest::turns)
                .containsExactly("user: a, \"quoted\"\nover lines; assistant: b; ", "user: f; assistant: g; ");
        assertThat(report).containsExactly("line 5: has 3 fields for 2 columns.");
        assertThat(convert("instruction\tinput\toutput\nx\ty\tz\n")).extracting(ChatConverterTest::turns)
                .containsExactly("user: x\n\ny; assistant: z; ");
        report.clear();
        assertThat(convert("[{\"question\": \"q\", \"answer\": \"a\"}, {]")).hasSize(1);
        assertThat(report).singleElement().asString().startsWith("element 2: not valid JSON, and nothing after it");
    }

    @Test
    void kindsOfFilesWithoutSamplesAreNamed() {
        assertThatThrownBy(() -> convert("PAR1....")).isInstanceOf(ProblemException.class)
                .hasMessageContaining("it is a Parquet file. Export it as JSON Lines.");
    }
}
