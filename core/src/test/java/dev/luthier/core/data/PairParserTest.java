package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines of preference pairs. */
final class PairParserTest {
    private static final String USER = "{'role':'user','content':'Hi'}";
    private static final String INPUT = "'input':{'messages':[" + USER + "]}";
    private static final String GOOD = "'preferred_output':[{'role':'assistant','content':'Yes.'}]";
    private static final String BAD = "'non_preferred_output':[{'role':'assistant','content':'No.'}]";
    private static final String TOOL = "{'type':'function','function':{'name':'lamp'}}";
    private static final String CALL = "{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'lamp',"
            + "'arguments':'{}'}}]}";

    @Test
    void pairKeepsItsConversationAndBothAnswers() {
        assertThat(pair("{" + INPUT + "," + GOOD + "," + BAD + ",'id':7,'metadata':{}}"))
                .isEqualTo(new Sample.Pair(new Conversation(List.of(Message.user("Hi"))), Message.assistant("Yes."),
                        Message.assistant("No.")));
    }

    @Test
    void outputsMayBeNamedCompletions() {
        assertThat(pair("{" + INPUT + "," + GOOD.replace("_output", "_completion") + ","
                + BAD.replace("_output", "_completion") + "}"))
                .isEqualTo(pair("{" + INPUT + "," + GOOD + "," + BAD + "}"));
    }

    @Test
    void outputsMayCallTheToolsOfTheInput() {
        Sample.Pair pair = pair("{'input':{'messages':[" + USER + "],'tools':[" + TOOL
                + "],'parallel_tool_calls':true},'preferred_output':[" + CALL + "]," + BAD + "}");
        assertThat(pair.input().tools()).containsExactly(Json.parse(TOOL.replace('\'', '"')));
        assertThat(pair.preferred().toolCalls()).singleElement().satisfies(call -> assertThat(call.name())
                .isEqualTo("lamp"));
        assertThat(faults("{'input':{'messages':[" + USER + "],'tools':[" + TOOL + "]}," + GOOD
                + ",'non_preferred_output':[" + CALL.replace("lamp", "lmap") + "]}"))
                .containsExactly("/non_preferred_output/0/tool_calls/0/function/name: no tool is named \"lmap\"."
                        + " Did you mean lamp?");
    }

    @Test
    void inputMayHoldEarlierAnswersAndEndWithAToolMessage() {
        String tool = "{'role':'tool','tool_call_id':'a','content':'on'}";
        Sample.Pair pair = pair(
                "{'input':{'messages':[" + USER + ",{'role':'assistant','content':'Hello'}," + USER + ","
                        + CALL + "," + tool + "]}," + GOOD + "," + BAD + "}");
        assertThat(pair.input().messages()).hasSize(5);
        assertThat(
                faults("{'input':{'messages':[" + USER + ","
                        + CALL.replace("[{", "[{'id':'b','function':{'name':'lamp',"
                                + "'arguments':'{}'}},{")
                        + "," + tool + "]}," + GOOD + "," + BAD + "}"))
                .containsExactly(
                        "/preferred_output/0/role: no tool message answers \"b\" before this message. Add one.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{INPUT,BAD} | : preferred_output is missing. A pair has input, preferred_output and non_preferred_output.",
            "{INPUT,GOOD} | : non_preferred_output is missing. A pair has input, preferred_output and non_preferred_output.",
            "{GOOD,BAD} | : input is missing. A pair has input, preferred_output and non_preferred_output.",
            "{'input':null,GOOD,BAD} | : input is missing. A pair has input, preferred_output and non_preferred_output.",
            "{INPUT,BAD,'preferred_output':null} | : preferred_output is missing. A pair has input, preferred_output and non_preferred_output.",
            "{INPUT,GOOD,BAD,'preferred_completion':[]} | /preferred_completion: \"preferred_completion\" means the same as \"preferred_output\". Keep one of them.",
            "{INPUT,GOOD,BAD,'messages':[]} | /messages: \"messages\" is not a known key here. Remove it; known keys: input, preferred_output, non_preferred_output, metadata, id, non_preferred_completion, preferred_completion.",
            "{INPUT,GOOD,BAD,'prefered_output':1} | /prefered_output: \"prefered_output\" is not a known key here. Did you mean preferred_output?",
            "{'input':'Hi',GOOD,BAD} | /input: must be a JSON object, not a string.",
            "{'input':{},GOOD,BAD} | /input: \"messages\" is missing. Give the conversation up to the answer.",
            "{'input':{'messages':[]},GOOD,BAD} | /input/messages: must be a list of messages, not an empty one.",
            "{'input':{'messages':[ASSISTANT]},GOOD,BAD} | /input/messages: must end with a user or tool message; the answer belongs into preferred_output.",
            "{'input':{'messages':[SYSTEM]},GOOD,BAD} | /input/messages: must end with a user or tool message; the answer belongs into preferred_output.",
            "{'input':{'messages':[USER],'metadata':{}},GOOD,BAD} | /input/metadata: \"metadata\" is not a known key here. Remove it; known keys: messages, interactions, tools, available_tools, functions, parallel_tool_calls.",
            "{'input':{'messages':[WEIGHTED,USER]},GOOD,BAD} | /input/messages/0/weight: messages of a pair have no weight: its two answers count, nothing else. Remove it.",
            "{INPUT,'preferred_output':[WEIGHTED],BAD} | /preferred_output/0/weight: messages of a pair have no weight: its two answers count, nothing else. Remove it.",
            "{INPUT,'preferred_output':[ASSISTANT,ASSISTANT],BAD} | /preferred_output: must be a list of exactly one assistant message, not 2.",
            "{INPUT,GOOD,'non_preferred_output':[]} | /non_preferred_output: must be a list of exactly one assistant message, not 0.",
            "{INPUT,GOOD,'non_preferred_output':ASSISTANT} | /non_preferred_output: must be a list of exactly one assistant message, not an object.",
            "{INPUT,GOOD,'non_preferred_completion':'No.'} | /non_preferred_completion: must be a list of exactly one assistant message, not a string.",
            "{INPUT,'preferred_output':['Yes.'],BAD} | /preferred_output/0: must be a JSON object, not a string.",
            "{INPUT,'preferred_output':[USER],BAD} | /preferred_output/0/role: must be assistant, not user.",
            "{INPUT,'preferred_output':[EMPTY],BAD} | /preferred_output/0/content: must not be empty: there is nothing to learn."})
    void faultsNamePlaceAndRule(String line, String fault) {
        String assistant = "{'role':'assistant','content':'x'}";
        assertThat(faults(line.replace("INPUT", INPUT).replace("GOOD", GOOD).replace("BAD", BAD)
                .replace("USER", USER).replace("SYSTEM", "{'role':'system','content':'x'}")
                .replace("WEIGHTED", "{'role':'assistant','content':'x','weight':1}")
                .replace("EMPTY", "{'role':'assistant','content':''}").replace("ASSISTANT", assistant)))
                .containsExactly(fault);
    }

    @Test
    void faultsOfAllPartsAreFoundAtOnce() {
        assertThat(faults("{'input':{'messages':[{'role':'usr','content':'Hi'}]},'preferred_output':[]}"))
                .containsExactlyInAnyOrder("/input/messages/0/role: role \"usr\" is unknown. Did you mean user?",
                        "/preferred_output: must be a list of exactly one assistant message, not 0.",
                        ": non_preferred_output is missing. A pair has input, preferred_output and"
                                + " non_preferred_output.");
    }

    @Test
    void anyDamageGivesFaultsOrAPair() {
        byte[] bytes = ("{'input':{'messages':[" + USER + "," + CALL
                + ",{'role':'tool','tool_call_id':'a','content':'on'}],"
                + "'tools':[" + TOOL + "]},'preferred_output':[" + CALL + "]," + BAD + "}").replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        for (long seed = 0; seed < 3000; seed++) {
            RandomGenerator random = Seeded.generator(seed);
            byte[] damaged = bytes.clone();
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                damaged[random.nextInt(bytes.length)] = random.nextBoolean()
                        ? bytes[random.nextInt(bytes.length)]
                        : (byte) random.nextInt();
            }
            ParsedLine line = LineParser.parse(new LineReader.Line(7, damaged, damaged.length));
            assertThat(line.sample() == null).as("seed %d", seed).isEqualTo(line.faultCount() > 0);
        }
    }

    private static List<String> faults(String line) {
        ParsedLine parsed = parse(line);
        assertThat(parsed.format()).isEqualTo(DataFormat.PAIR);
        return parsed.faults().stream().map(fault -> fault.pointer() + ": " + fault.message()).toList();
    }

    private static Sample.Pair pair(String line) {
        ParsedLine parsed = parse(line);
        assertThat(parsed.faults()).isEmpty();
        return (Sample.Pair) Objects.requireNonNull(parsed.sample());
    }

    /** Single quotes stand for double ones. */
    private static ParsedLine parse(String line) {
        byte[] bytes = line.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return LineParser.parse(new LineReader.Line(7, bytes, bytes.length));
    }
}
