package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that people give in place of training data, and lines that are nearly right: what each is told. */
class FaultCorpusTest {
    private static final String GOOD = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
            + "{\"role\":\"assistant\",\"content\":\"b\"}]}";
    /** Names of classes, methods and options of libraries. */
    private static final Pattern OF_A_LIBRARY = Pattern.compile(
            "jackson|jdk|java\\.|[a-z]+\\.[a-z]+\\.[A-Z]|`|Exception"
                    + "|\\b[A-Z][a-z]+[A-Z][a-z]+\\b(?<!ShareGPT)|ALLOW_|FAIL_ON|Feature|Token\\.|Source:",
            Pattern.MULTILINE);

    private static String faults(byte[] file) {
        DataReport report = DataValidator.checkFormat(new ByteArrayInputStream(file));
        assertThat(report.isValid()).isFalse();
        String all = String.join("\n", report.faults().stream().map(DataFault::toString).toList());
        assertThat(OF_A_LIBRARY.matcher(all).find()).as(all).isFalse();
        return all;
    }

    private static String faults(String file) {
        return faults(file.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"messages\":null} | line 1, /messages: is null. Give a list of messages.",
            "{\"a\":NaN} | not valid JSON: NaN is not a JSON value; write null, or leave the key out",
            "{\"a\":-Infinity} | -Infinity is not a JSON value", "{\"a\":+INF} | not valid JSON",
            "{\"a\":1,\"a\":2} | the key \"a\" occurs twice",
            "{\"a\":1} {\"a\":2} | Put each object on a line of its own.",
            "{\"a\":1}{\"a\":2} | Put each object on a line of its own.", "{\"a\":1}, | not valid JSON",
            "{\"a\":1} x | not valid JSON", "{a:1} | not valid JSON", "{'a':1} | not valid JSON",
            "{\"a\":1 // why | not valid JSON", "/* x */ {} | JSON has no comments", "# {} | not valid JSON",
            "{\"a\":tru} | not valid JSON", "{\"a\":None} | not valid JSON", "{\"a\":\"\\x\"} | not valid JSON",
            "{\"a\":\"\\ud800\"} | neither messages nor text", "{\"text\":\"\\ud800\"} | unpaired surrogate",
            "{\"text\":\"\\udc00\\ud800\"} | unpaired surrogate", "{\"a\":01} | not valid JSON",
            "{\"a\":.5} | not valid JSON", "{\"a\":1.} | not valid JSON", "{\"a\":0x1F} | not valid JSON",
            "{\"a\":\"b | not valid JSON", "{\"a\": | not valid JSON", "} | not valid JSON", "null | not null",
            "\"text\" | not a string", "7 | not a number", "[7] | not a list", "undefined | not valid JSON",
            "{\"text\":7} | /text: must be a string", "{} | neither messages nor text."})
    void linesThatAreNearlyJsonGetASentence(String line, String part) {
        assertThat(faults(line + "\n")).contains(part);
        assertThat(faults(GOOD + "\n" + line + "\n")).startsWith("line 2");
    }

    @Test
    void numbersDepthsAndKeysBeyondTheLimitsGetASentence() {
        assertThat(faults("{\"a\":" + "1".repeat(2000) + "}")).contains("a number has 2000 digits; at most 1000");
        assertThat(faults("{\"text\":" + "[".repeat(200) + "]".repeat(200) + "}")).contains("nested more than 100");
        assertThat(faults("{\"" + "k".repeat(60_000) + "\":1}")).contains("line 1");
        assertThat(faults("{\"text\":[" + "1,".repeat(400_000) + "1]}")).contains("there are more than 300000");
        assertThat(faults("{\"text\":\"a\tb\"}")).contains("not valid JSON");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"instruction\":\"q\",\"input\":\"\",\"output\":\"a\"} | Alpaca's form",
            "{\"instruction\":\"q\",\"input\":\"i\",\"output\":\"a\",\"text\":\"all\"} | \"content\":\"q\\n\\ni\"",
            "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"gpt\",\"value\":\"a\"}]} | ShareGPT's form",
            "{\"conversations\":[{\"from\":\"narrator\",\"value\":\"q\"}]} | message 1 is from \"narrator\", which is not known.",
            "{\"prompt\":\"q\",\"completion\":\"a\"} | a prompt and its completion",
            "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"a\"}]} | \"role\":\"user\"",
            "{\"question\":\"q\",\"answer\":\"a\"} | a question and its answer",
            "{\"query\":\"q\",\"response\":\"a\"} | a question and its answer",
            "{\"input\":\"q\",\"output\":\"a\"} | an input and its output"})
    void otherFormsOfSamplesAreRecognisedAndTheirConversionShown(String line, String part) {
        assertThat(faults(line)).contains(part, "./luthier convert FILE --to chat -o OUT.jsonl")
                .containsPattern("As a conversation it is \\{\"messages\"|It cannot be made a conversation: ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "prompt,completion | CSV with the columns prompt, completion",
            "\"Instruction\";\"Output\" | CSV with the columns instruction, output",
            "question\tanswer\tsource | TSV with the columns question, answer, source",
            "id,text | CSV with the columns"})
    void tablesAreRecognisedByTheirHeader(String header, String part) {
        assertThat(faults(header + "\na,b,c\n")).startsWith("the file is a table in " + part.substring(0, 3))
                .contains(part, "./luthier convert FILE");
        assertThat(faults("\uFEFF" + header + "\r\na,b\r\n")).contains(part);
    }

    @Test
    void otherKindsOfFilesAreCalledWhatTheyAre() throws IOException {
        assertThat(faults("[" + GOOD + "]")).startsWith("the file is one JSON list").contains("./luthier convert");
        assertThat(faults("[\n  {\n\"a\": 1}]")).startsWith("the file is one JSON list");
        assertThat(faults("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"))
                .startsWith("the file is a Git LFS pointer").contains("git lfs pull");
        assertThat(faults("<!DOCTYPE html><html>")).startsWith("the file is an HTML page");
        assertThat(faults("\n <html lang='en'>")).startsWith("the file is an HTML page");
        assertThat(faults("PAR1\u0015\u0004")).startsWith("the file is a Parquet file");
        assertThat(faults("%PDF-1.7")).startsWith("the file is a PDF document");
        assertThat(faults("SQLite format 3\0")).startsWith("the file is an SQLite database");
        assertThat(faults(GOOD.getBytes(StandardCharsets.UTF_16LE))).startsWith("the file is text in UTF-16");
        assertThat(faults(GOOD.getBytes(StandardCharsets.UTF_16BE))).startsWith("the file is text in UTF-16");
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(GOOD.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(faults(gzip.toByteArray())).startsWith("the file is compressed with gzip").contains("convert");
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            out.putNextEntry(new ZipEntry("train.jsonl"));
        }
        assertThat(faults(zip.toByteArray())).startsWith("the file is a zip archive");
    }

    private static String line(String tools, String call) {
        return "{\"tools\":[" + tools + "],\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\","
                + "\"tool_calls\":[{\"id\":\"call00001\",\"type\":\"function\",\"function\":{\"name\":\"" + call
                + "\",\"arguments\":\"{}\"}}]}]}";
    }

    private static String tool(String name, String parameters) {
        return "{\"type\":\"function\",\"function\":{\"name\":\"" + name + "\",\"parameters\":" + parameters + "}}";
    }

    @Test
    void callsOfToolsThatTheLineDoesNotOfferAreFaults() {
        assertThat(faults(line(tool("set_lamp", "{}"), "set_lmap")))
                .isEqualTo("line 1, /messages/1/tool_calls/0/function/name: no tool is named \"set_lmap\". "
                        + "Did you mean set_lamp?");
        assertThat(faults(line(tool("set_lamp", "{}"), "other"))).contains("The line's tools: set_lamp.");
        assertThat(DataValidator.checkFormat(new ByteArrayInputStream(
                line("", "anything").getBytes(StandardCharsets.UTF_8))).isValid()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "bad name! | {} | function/name: the name \"bad name!\" must be 1 to 64 letters",
            "a.b | {} | must be 1 to 64", "x | [] | parameters: must be a JSON Schema object, not a list",
            "x | {\"type\":\"nonsense\"} | parameters/type: type \"nonsense\" is not one of JSON Schema. Use one of string",
            "x | {\"type\":\"dict\"} | Did you mean object?",
            "x | {\"type\":\"string\"} | the parameters of a function are an",
            "x | {\"properties\":[]} | parameters/properties: must be a JSON object, not a list",
            "x | {\"properties\":{\"a\":{\"type\":\"float\"}}} | properties/a/type: type \"float\" is not one of JSON Schema. Did you mean number?",
            "x | {\"properties\":{\"a\":\"string\"}} | properties/a: must be a JSON object, not a string",
            "x | {\"required\":\"a\"} | required: \"required\" must be a list of different names of properties, not a string",
            "x | {\"required\":[\"a\",\"a\"]} | required: \"required\" must be a list of different names",
            "x | {\"properties\":{\"a\":{\"enum\":\"b\"}}} | enum: \"enum\" must be a list of values, not a string",
            "x | {\"properties\":{\"a\":{\"anyOf\":[]}}} | anyOf: must be a list of schemas, not an empty one",
            "x | {\"properties\":{\"a\":{\"items\":7}}} | items: must be a JSON object, not a number",
            "x | {\"properties\":{\"a\":{\"minLength\":-1}}} | \"minLength\" must be a whole number of at least 0",
            "x | {\"properties\":{\"a\":{\"minimum\":\"1\"}}} | \"minimum\" must be a number, not a string",
            "x | {\"$defs\":{\"b\":{\"type\":[]}}} | $defs/b/type: must be a type or a list of types"})
    void toolsWithBadNamesOrSchemasAreFaults(String name, String parameters, String part) {
        assertThat(faults(line(tool(name, parameters), name))).startsWith("line 1, /tools/0/function/").contains(part);
    }

    @Test
    void schemasOfManyDraftsAreFine() {
        String schema = """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","title":"T","properties":{
                "a":{"type":["string","null"],"enum":["x",null],"default":"x","examples":["x"],"pattern":"^x$"},
                "b":{"anyOf":[{"type":"integer","exclusiveMinimum":true,"minimum":0},{"$ref":"#/$defs/c"},true]},
                "d":{"type":"array","items":[{"type":"string"},{}],"minItems":1,"uniqueItems":true},
                "e":{"type":"object","additionalProperties":false,"required":true}},
                "$defs":{"c":{"const":7}},"required":["a"],"x-order":["a"],"additionalProperties":{"type":"number"}}
                """.replace("\n", "");
        assertThat(DataValidator.checkFormat(new ByteArrayInputStream(
                line(tool("x", schema), "x").getBytes(StandardCharsets.UTF_8))).faults()).isEmpty();
    }
}
