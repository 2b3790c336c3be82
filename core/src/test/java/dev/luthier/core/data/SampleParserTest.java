package dev.luthier.core.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.NoContent;
import dev.luthier.core.chat.Role;
import dev.luthier.core.chat.ToolCall;
import dev.luthier.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SampleParserTest {
    private static final String USER = "{'role':'user','content':'Hi'}";
    private static final String PAIR = "a preference pair has input, preferred_output and non_preferred_output; the"
            + " outputs are lists of one assistant message.";
    private static final String ASSISTANT = "{'role':'assistant','content':'Hello'}";

    @Test
    void conversationKeepsItsMessages() {
        assertThat(sample("{'messages':[{'role':'system','content':'Be kind.'}," + USER + "," + ASSISTANT + "]}"))
                .isEqualTo(new Sample.Chat(new Conversation(List.of(Message.system("Be kind."), Message.user("Hi"),
                        Message.assistant("Hello"))), List.of(0, 0, 1)));
    }

    @Test
    void aliasesMeanTheSame() {
        assertThat(sample("{'interactions':[{'role':'user','text':'Hi'},{'role':'assistant','text':'Hello'}]}"))
                .isEqualTo(sample("{'messages':[" + USER + "," + ASSISTANT + "]}"));
        String tools = "[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}]";
        assertThat(sample("{'messages':[" + USER + "," + ASSISTANT + "],'available_tools':" + tools + "}"))
                .isEqualTo(sample("{'messages':[" + USER + "," + ASSISTANT + "],'tools':" + tools + "}"));
    }

    @Test
    void weightsChooseWhatIsLearned() {
        Sample.Chat chat = (Sample.Chat) sample("{'messages':[" + USER
                + ",{'role':'assistant','content':'No','weight':0}," + USER
                + ",{'role':'assistant','content':'Yes','weight':1.0}]}");
        assertThat(chat.weights()).containsExactly(0, 0, 0, 1);
    }

    @Test
    void textChunksAreJoinedAsTheyAre() {
        Sample.Chat chat = (Sample.Chat) sample("{'messages':[{'role':'user','content':[{'type':'text','text':'one '},"
                + "{'type':'text','text':'two'}]}," + ASSISTANT + "]}");
        assertThat(chat.conversation().messages().getFirst().content()).isEqualTo("one two");
    }

    @Test
    void toolCallsTakeArgumentsAsStringOrObject() {
        String line = """
                {'messages':[%s,
                 {'role':'assistant','content':null,'tool_calls':[
                  {'id':'a','type':'function','function':{'name':'f','arguments':'{\\"x\\": 1}'}},
                  {'id':'b','index':1,'function':{'name':'g','arguments':{}}}]},
                 {'role':'tool','tool_call_id':'b','content':'2','name':'g'},
                 {'role':'tool','tool_call_id':'a','content':''},
                 %s], 'parallel_tool_calls': true}""".formatted(USER, ASSISTANT).replace("\n", "");
        assertThat(((Sample.Chat) sample(line)).conversation().messages()).containsExactly(Message.user("Hi"),
                new Message(Role.ASSISTANT, null, List.of(new ToolCall("a", "f", Json.parse("{\"x\":1}"), "{\"x\": 1}"),
                        new ToolCall("b", "g", Json.parse("{}"))), null, null, NoContent.NULL),
                Message.tool("b", "g", "2"),
                new Message(Role.TOOL, "", List.of(), "a", null), Message.assistant("Hello"));
    }

    @Test
    void emptyArgumentsMeanNone() {
        for (String empty : List.of("", " ", "\\n")) {
            Sample.Chat chat = (Sample.Chat) sample(("{'messages':[" + USER + ",{'role':'assistant','tool_calls':["
                    + "{'id':'a','function':{'name':'f','arguments':'%s'}}]}]}").formatted(empty));
            assertThat(chat.conversation().messages().getLast().toolCalls())
                    .containsExactly(new ToolCall("a", "f", Json.parse("{}"), "{}"));
        }
    }

    @Test
    void aMessageMaySpeakAndCall() {
        Sample.Chat chat = (Sample.Chat) sample("{'messages':[" + USER + ",{'role':'assistant','content':'Let me see.',"
                + "'tool_calls':[{'id':'a','function':{'name':'f','arguments':{}}}]}]}");
        assertThat(chat.conversation().messages().getLast().content()).isEqualTo("Let me see.");
    }

    @Test
    void aMissingContentIsKeptApartFromNullAndFromAnEmptyOne() {
        String line = "{'messages':[" + USER + ",{'role':'assistant',%s'tool_calls':["
                + "{'id':'a','function':{'name':'f','arguments':{}}}]}]}";
        assertThat(last(line.formatted("")).noContent()).isEqualTo(NoContent.ABSENT);
        assertThat(last(line.formatted("'content':null,")).noContent()).isEqualTo(NoContent.NULL);
        assertThat(last(line.formatted("'content':'',")).content()).isEmpty();
    }

    private static Message last(String line) {
        return ((Sample.Chat) sample(line)).conversation().messages().getLast();
    }

    @Test
    void oldFunctionsMeanTools() {
        String old = """
                {'functions':[{'name':'f','parameters':{'type':'object'}}],'messages':[
                 {'role':'developer','content':'Be brief.'},%s,
                 {'role':'assistant','content':null,'function_call':{'name':'f','arguments':'{\\"x\\": 1}'}},
                 {'role':'function','name':'f','content':'2'},%s]}""".formatted(USER, ASSISTANT).replace("\n", "");
        String now = """
                {'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}],'messages':[
                 {'role':'system','content':'Be brief.'},%s,
                 {'role':'assistant','content':null,'tool_calls':[
                  {'id':'call00002','type':'function','function':{'name':'f','arguments':'{\\"x\\": 1}'}}]},
                 {'role':'tool','tool_call_id':'call00002','name':'f','content':'2'},%s]}"""
                .formatted(USER, ASSISTANT).replace("\n", "");
        assertThat(sample(old)).isEqualTo(sample(now));
    }

    @Test
    void toolsStayAsTheyWereWritten() {
        String tool = "{\"type\":\"function\",\"function\":{\"parameters\":{\"z\":1,\"a\":2},\"name\":\"f\"}}";
        Sample.Chat chat = (Sample.Chat) sample(
                "{'tools':[" + tool + "],'messages':[" + USER + "," + ASSISTANT + "]}");
        assertThat(Json.write(chat.conversation().tools().getFirst())).isEqualTo(tool);
    }

    @Test
    void keysThatChangeNothingAreAccepted() {
        sample("{'messages':[" + USER + ",{'role':'assistant','content':'Hello','name':'Ann','tool_calls':null,"
                + "'refusal':null,'annotations':[],'function_call':null,'audio':null,'prefix':false}],'id':7,"
                + "'metadata':{'a':1},'tools':null}");
        sample("{'messages':[" + USER + ",{'role':'assistant','content':'Hello','tool_calls':[]}]}");
        sample("{'text':'abc','metadata':{}}");
    }

    @Test
    void plainTextIsTextOrContent() {
        assertThat(sample("{'text':'abc'}")).isEqualTo(new Sample.Text("abc"));
        assertThat(sample("{'content':'abc'}")).isEqualTo(new Sample.Text("abc"));
    }

    /** Text and the pointers and messages of its faults. */
    record Case(String json, List<String> faults) {}

    private static Case faulty(String json, String... faults) {
        return new Case(json, List.of(faults));
    }

    static Stream<Case> faultyLines() {
        return Stream.of(
                faulty("[1]", ": must be a JSON object, not a list."),
                faulty("{}", ": the line has neither messages nor text. Conversations have messages, plain "
                        + "text has text."),
                faulty("{'mesages':[]}",
                        ": the line has neither messages nor text, but only \"mesages\". Did you mean messages?"),
                faulty("{'messages':[],'text':'a'}",
                        ": the line has both messages and text. Give one of them."),
                faulty("{'messages':[]}", "/messages: must be a list of messages, not an empty one."),
                faulty("{'messages':'a'}", "/messages: must be a list of messages, not a string."),
                faulty("{'text':''}", "/text: must not be empty."),
                faulty("{'text':5}", "/text: must be a string, not a number."),
                faulty("{'text':'a','content':'b'}",
                        "/content: \"content\" means the same as \"text\". Keep one of them."),
                faulty("{'prompt':'a'}",
                        "/prompt: a prompt needs a completion, and both are written as messages."),
                faulty("{'prompt':'a','chosen':'b','rejected':'c'}",
                        "/prompt: a prompt needs a completion, and both are written as messages.",
                        "/chosen: " + PAIR,
                        "/rejected: " + PAIR),
                faulty("{'messages':null}", "/messages: is null. Give a list of messages."),
                faulty("{'text':null}", "/text: is null. Give a string."),
                faulty("{'messages':[" + ASSISTANT + "],'tols':[]}",
                        "/tols: \"tols\" is not a known key here. Did you mean tools?"),
                faulty("{'messages':[" + ASSISTANT + "],'a~/b':1}", "/a~0~1b: \"a~/b\" is not a known key "
                        + "here. Remove it; known keys: messages, interactions, tools, available_tools, "
                        + "functions, parallel_tool_calls, metadata, id."),
                faulty("{'messages':[" + USER + ",{'role':'assistnat','content':'a'}]}",
                        "/messages/1/role: role \"assistnat\" is unknown. Did you mean assistant?"),
                faulty("{'messages':[{'role':'human','content':'a'}," + ASSISTANT + "]}",
                        "/messages/0/role: role \"human\" is unknown. Did you mean user?"),
                faulty("{'messages':[{'role':'narrator','content':'a'}," + ASSISTANT + "]}",
                        "/messages/0/role: role \"narrator\" is unknown. Use system, user, assistant or tool."),
                faulty("{'messages':[{'content':'a'}," + ASSISTANT + "]}",
                        "/messages/0: \"role\" is missing."),
                faulty("{'messages':[{'role':'user'},7," + ASSISTANT + "]}",
                        "/messages/0: \"content\" is missing. Give it a string.",
                        "/messages/1: must be a JSON object, not a number."),
                faulty("{'messages':[{'role':'user','content':{}}," + ASSISTANT + "]}",
                        "/messages/0/content: must be a string or a list of text chunks, not an object."),
                faulty("{'messages':[{'role':'user','content':[{'type':'image_url','image_url':'x'}]}," + ASSISTANT
                        + "]}",
                        "/messages/0/content/0/type: content of type \"image_url\" is not built. Only "
                                + "text chunks are built for training data."),
                faulty("{'messages':[" + USER + ",{'role':'assistant','content':''}]}",
                        "/messages/1/content: must not be empty: there is nothing to learn."),
                faulty("{'messages':[" + USER + "," + ASSISTANT + ",{'role':'system','content':'a'}," + ASSISTANT
                        + "]}", "/messages/2/role: a system message must be the first message."),
                faulty("{'messages':[{'role':'system','content':'a'},{'role':'system','content':'b'}," + ASSISTANT
                        + "]}",
                        "/messages/1/role: there is more than one system message. Only one is allowed, "
                                + "as the first message."),
                faulty("{'messages':[" + USER + "]}",
                        "/messages: there is no assistant message, so there is nothing to learn."),
                faulty("{'messages':[" + ASSISTANT + "," + USER + "]}", "/messages/1/role: the last message "
                        + "must be the assistant's. Add its answer or remove this one."),
                faulty("{'messages':[{'role':'user','content':'a','weight':1}," + ASSISTANT + "]}",
                        "/messages/0/weight: only assistant messages may have a weight, not user messages. Remove it."),
                faulty("{'messages':[{'role':'assistant','content':'a','weight':0.5}]}",
                        "/messages/0/weight: must be 0 (no loss on this message) or 1."),
                faulty("{'messages':[{'role':'assistant','content':'a','weight':0}]}", "/messages: every "
                        + "assistant message has weight 0, so there is nothing to learn. Give one of them weight 1."),
                faulty("{'messages':[{'role':'assistant','content':'a','prefix':true}]}",
                        "/messages/0/prefix: prefixes are not built for training data. Remove the key."),
                faulty("{'messages':[{'role':'assistant','content':null,'function_call':{}}]}",
                        "/messages/0/function_call: \"name\" is missing.",
                        "/messages/0/function_call: \"arguments\" is missing. A call without arguments has \"{}\"."),
                faulty("{'messages':[{'role':'user','content':'a','function_call':{'name':'f','arguments':'{}'}},"
                        + ASSISTANT + "]}",
                        "/messages/0/function_call: only assistant messages may call tools, not user messages."),
                faulty("{'messages':[" + USER + ",{'role':'function','name':'f','content':'1'}," + ASSISTANT + "]}",
                        "/messages/1/role: a tool message must follow the assistant message whose call it answers."),
                faulty("{'messages':[" + ASSISTANT + "],'functions':[{'name':'f'}],'tools':[]}",
                        "/functions: \"functions\" means the same as \"tools\". Keep one of them."),
                faulty("{'messages':[" + ASSISTANT + "],'functions':[{'name':'f','parameters':7},{'name':'f'},3]}",
                        "/functions/0/parameters: must be a JSON Schema object, not a number.",
                        "/functions/1/name: there are two tools named \"f\".",
                        "/functions/2: must be a JSON object, not a number."),
                faulty("{'messages':[{'role':'assistant','content':'\\ud800 a'}]}",
                        "/messages/0/content: the "
                                + "text has an unpaired surrogate (an escape from \\uD800 to \\uDFFF that is not part of a "
                                + "pair), which is no character. Remove it."));
    }

    @ParameterizedTest
    @MethodSource("faultyLines")
    void everyFaultIsNamedWithItsPlace(Case line) {
        assertThat(faults(line.json())).containsExactlyInAnyOrderElementsOf(line.faults());
    }

    static Stream<Case> faultyTools() {
        return Stream.of(faulty("7", "/tools: must be a list of tools, not a number."),
                faulty("[{'type':'retrieval','function':{'name':'f'}}]",
                        "/tools/0/type: type \"retrieval\" is not supported. Use function."),
                faulty("[{'type':'function'}]", "/tools/0: \"function\" is missing."),
                faulty("[{'function':{'parameters':{}}}]", "/tools/0/function: \"name\" is missing."),
                faulty("[{'function':{'name':'f','parameters':'{}'}}]",
                        "/tools/0/function/parameters: must be a JSON Schema object, not a string."),
                faulty("[{'function':{'name':'f','paramters':{}}}]",
                        "/tools/0/function/paramters: \"paramters\" is not a known key here. Did you mean parameters?"),
                faulty("[{'function':{'name':'f'}},{'function':{'name':'f'}}]",
                        "/tools/1/function/name: there are two tools named \"f\"."));
    }

    @ParameterizedTest
    @MethodSource("faultyTools")
    void toolsAreChecked(Case tools) {
        assertThat(faults("{'messages':[" + ASSISTANT + "],'tools':" + tools.json() + "}"))
                .containsExactlyElementsOf(tools.faults());
    }

    static Stream<Case> faultyCalls() {
        String call = "{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'f','arguments':'{}'}}]}";
        String answer = "{'role':'tool','tool_call_id':'a','content':'1'}";
        return Stream.of(
                faulty(call + "," + USER + "," + ASSISTANT,
                        "/messages/1/role: no tool message answers \"a\" before this message. Add one."),
                faulty(call + "," + answer + "," + USER + "," + ASSISTANT,
                        "/messages/2/role: after tool messages the assistant must speak, not user."),
                faulty(call + "," + answer + "," + answer + "," + ASSISTANT,
                        "/messages/2/tool_call_id: the call \"a\" is answered twice."),
                faulty(call + "," + answer + ",{'role':'tool','tool_call_id':'b','content':'1'}," + ASSISTANT,
                        "/messages/2/tool_call_id: \"b\" is no call of the assistant message before. Its calls: \"a\"."),
                faulty(USER + "," + answer + "," + ASSISTANT,
                        "/messages/1/role: a tool message must follow the assistant message whose call it answers."),
                faulty(call + ",{'role':'tool','content':'1'}," + ASSISTANT,
                        "/messages/1: \"tool_call_id\" is missing.",
                        "/messages/2/role: no tool message answers \"a\" before this message. "
                                + "Add one."),
                faulty("{'role':'user','content':'x','tool_calls':[{}]}," + ASSISTANT,
                        "/messages/0/tool_calls: only assistant messages may call tools, not user messages."),
                faulty("{'role':'user','content':'x','tool_call_id':'a'}," + ASSISTANT,
                        "/messages/0/tool_call_id: only tool messages answer a call, not user messages. Remove it."),
                faulty(call.replace("'{}'", "'{'"),
                        "/messages/0/tool_calls/0/function/arguments: must be a string that holds "
                                + "a JSON object: Unexpected end-of-input: expected close marker for Object (column 2)."),
                faulty(call.replace("'{}'", "'[]'"),
                        "/messages/0/tool_calls/0/function/arguments: must be a JSON object, as "
                                + "such or in a string, not a list."),
                faulty(call.replace(",'arguments':'{}'", ""),
                        "/messages/0/tool_calls/0/function: \"arguments\" is missing. A "
                                + "call without arguments has \"{}\"."),
                faulty(call.replace("'id':'a',", ""), "/messages/0/tool_calls/0: \"id\" is missing."));
    }

    @ParameterizedTest
    @MethodSource("faultyCalls")
    void callsAndTheirAnswersAreChecked(Case messages) {
        assertThat(faults("{'messages':[" + messages.json() + "]}")).containsExactlyElementsOf(messages.faults());
    }

    @Test
    void duplicateKeysAreAFault() {
        assertThat(parse("{'text':'a','text':'b'}").faults()).extracting(DataFault::toString)
                .singleElement().asString()
                .startsWith("line 7: not valid JSON: the key \"text\" occurs twice (column ");
    }

    @Test
    void faultsOfOneLineAreCountedBeyondThoseKept() {
        ParsedLine line = parse("{'messages':[" + "{},".repeat(500) + ASSISTANT + "]}");
        assertThat(line.faults()).hasSize(100);
        assertThat(line.faultCount()).isEqualTo(1000);
    }

    @Test
    void deepAndWideLinesAreRefusedByTheirLimit() {
        assertThat(parse("{'text':" + "[".repeat(1000)).faults()).singleElement().asString()
                .contains("nested more than 100 levels deep");
        assertThat(parse("{'messages':[" + "{},".repeat(400_000) + "{}]}").faults()).singleElement().asString()
                .contains("300000");
    }

    @Test
    void enormousNamesDoNotBlowUpFaults() {
        String key = "k".repeat(40_000);
        for (String line : List.of("{'text':'a','" + key + "':1}", "{'" + key + "':1,'" + key + "':1}",
                "{'text':'a','metadata':{'" + key + "':'\\ud800'}}",
                "{'messages':[{'role':'" + key + "','content':'a'}]}")) {
            assertThat(faults(line)).isNotEmpty().allMatch(fault -> fault.length() < 600);
        }
    }

    @Test
    void anyDamageGivesFaultsOrASample() {
        String good = "{'messages':[" + USER + ",{'role':'assistant','tool_calls':[{'id':'a','function':{'name':'f',"
                + "'arguments':'{}'}}]},{'role':'tool','tool_call_id':'a','content':[{'type':'text','text':'x'}]},"
                + ASSISTANT + "],'tools':[{'type':'function','function':{'name':'f'}}]}";
        byte[] bytes = good.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
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
        return parse(line).faults().stream().map(fault -> fault.pointer() + ": " + fault.message()).toList();
    }

    private static Sample sample(String line) {
        ParsedLine parsed = parse(line);
        assertThat(parsed.faults()).isEmpty();
        return Objects.requireNonNull(parsed.sample());
    }

    /** Single quotes stand for double ones. */
    private static ParsedLine parse(String line) {
        byte[] bytes = line.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return LineParser.parse(new LineReader.Line(7, bytes, bytes.length));
    }
}
