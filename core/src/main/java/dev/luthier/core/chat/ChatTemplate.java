package dev.luthier.core.chat;

import dev.luthier.core.jinja.JinjaTemplate;
import dev.luthier.core.jinja.Limits;
import dev.luthier.core.jinja.Rendering;
import dev.luthier.core.jinja.Value;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import tools.jackson.databind.JsonNode;

/**
 * A model's chat template with its special tokens. Renders byte for byte as {@code apply_chat_template(tokenize=False)}
 * of transformers does. Immutable and thread-safe.
 *
 * <p>Faults are USER {@link ProblemException}s: {@code chat_template_refusal} carries the words of the template's own
 * {@code raise_exception} (roles that do not alternate, say), {@code chat_template_failure} everything else.
 */
public final class ChatTemplate {
    /**
     * The time that templates read while they render training text, so that the same data gives the same tokens on any
     * day. It is the date that Llama 3's templates fall back to.
     */
    public static final LocalDateTime TRAINING_TIME = LocalDateTime.of(2024, 7, 26, 0, 0);

    /** What transformers appends to the last message to find its end. */
    private static final String CONTINUE_TAG = "CONTINUE_FINAL_MESSAGE_TAG ";

    /** White space as Python's {@code rstrip} sees it. */
    private static final Pattern TRAILING_SPACE = Pattern.compile("[\\s\\p{Z}\\x1c-\\x1f\\x85]+$");

    private static final Pattern TOOLS = Pattern.compile("\\btools\\b");

    private final String source;
    private final JinjaTemplate template;
    private final Map<String, String> specialTokens;
    private final Supplier<LocalDateTime> now;
    private final CallForms forms;

    private ChatTemplate(String source, JinjaTemplate template, Map<String, String> specialTokens,
            Supplier<LocalDateTime> now, CallForms forms) {
        this.source = source;
        this.template = template;
        this.specialTokens = specialTokens;
        this.now = now;
        this.forms = forms;
    }

    /**
     * Compiles a template.
     *
     * @param specialTokens texts by name, such as {@code bos_token}, as in {@code tokenizer_config.json}
     * @throws ProblemException USER {@code invalid_chat_template} with the line
     */
    public static ChatTemplate compile(String source, Map<String, String> specialTokens) {
        ChatTemplate asGiven = new ChatTemplate(source, JinjaTemplate.compile(source), Map.copyOf(specialTokens),
                LocalDateTime::now, CallForms.AS_GIVEN);
        return source.contains("tool_calls") ? asGiven.with(CallForms.of(asGiven)) : asGiven;
    }

    /** This template, handed tool calls in these forms. */
    ChatTemplate with(CallForms chosen) {
        return new ChatTemplate(source, template, specialTokens, now, chosen);
    }

    /** This template at a fixed local time, for templates that print the date. */
    public ChatTemplate at(LocalDateTime time) {
        return new ChatTemplate(source, template, specialTokens, () -> time, forms);
    }

    /** The template's text. */
    public String source() {
        return source;
    }

    /** Special tokens by name. */
    public Map<String, String> specialTokens() {
        return specialTokens;
    }

    public String render(Conversation conversation, boolean addGenerationPrompt) {
        return render(conversation, addGenerationPrompt ? RenderOptions.PROMPT : RenderOptions.MESSAGES);
    }

    public String render(Conversation conversation, RenderOptions options) {
        return rendering(conversation, options).text();
    }

    /** The text with what {@code generation} blocks printed. */
    Rendering rendering(Conversation conversation, RenderOptions options) {
        return rendering(conversation, options, Limits.DEFAULT);
    }

    Rendering rendering(Conversation conversation, RenderOptions options, Limits limits) {
        Map<String, Value> variables = new HashMap<>();
        specialTokens.forEach((name, token) -> variables.put(name, new Value.Str(token)));
        options.variables().forEach((name, value) -> variables.put(name, TemplateValues.json(value)));
        variables.put("messages", TemplateValues.messages(conversation.messages(), forms));
        variables.put("tools", TemplateValues.tools(conversation.tools()));
        variables.put("documents", Value.None.NONE);
        variables.put("add_generation_prompt", Value.Bool.of(options.addGenerationPrompt()));
        return template.render(variables, now, limits);
    }

    /**
     * The conversation up to the end of its last message's text, without an end-of-turn token, so that the model goes
     * on with that message: {@code continue_final_message} of transformers, {@code prefix} of Mistral's API. White
     * space at the end of the text is kept if the template keeps it.
     *
     * @param variables as in {@link RenderOptions}
     * @throws ProblemException USER also when the last message has no text, or the template hides it
     */
    public String renderContinuing(Conversation conversation, Map<String, JsonNode> variables) {
        int last = conversation.messages().size() - 1;
        String content = last < 0 ? null : conversation.messages().get(last).content();
        if (content == null) {
            throw Problem.user("invalid_prefix", "The last message has no text to continue. Give it a content.",
                    "messages").asException();
        }
        Message tagged = conversation.messages().get(last).withContent(content + CONTINUE_TAG);
        String text = render(conversation.with(last, tagged), new RenderOptions(false, variables));
        int end = text.lastIndexOf(CONTINUE_TAG.strip());
        if (end < 0 || !text.contains(content.strip())) {
            throw Problem.user("invalid_prefix",
                    "The chat template does not show the last message's text as it is, so it cannot be continued.",
                    "messages").asException();
        }
        String continued = text.substring(0, end);
        return text.startsWith(CONTINUE_TAG, end) ? continued : TRAILING_SPACE.matcher(continued).replaceFirst("");
    }

    /** {@link #renderForTraining(Conversation, Map)} without further variables. */
    public TrainingText renderForTraining(Conversation conversation) {
        return renderForTraining(conversation, Map.of());
    }

    /**
     * The whole conversation with the places of what the assistant wrote. Where the template marks them with
     * {@code generation} blocks, one for each assistant message, these count, as in transformers; else they are found
     * and proven by rendering parts of the conversation.
     *
     * <p>The template reads {@link #TRAINING_TIME} as the time.
     *
     * @param variables as in {@link RenderOptions}
     * @throws ProblemException USER also, code {@code unverified_assistant_text}, when the place of a message cannot
     *     be proven, and {@code tools_not_supported} or {@code tool_calls_not_supported} when the template leaves
     *     them out; param and message name the place
     */
    public TrainingText renderForTraining(Conversation conversation, Map<String, JsonNode> variables) {
        if (!conversation.tools().isEmpty() && !readsTools()) {
            throw Problem.user("tools_not_supported", "The chat template does not show tools to the model. "
                    + "Leave the tools out, or use a model whose chat template does.", "tools").asException();
        }
        ChatTemplate dated = at(TRAINING_TIME);
        Rendering rendering = dated.rendering(conversation, new RenderOptions(false, variables));
        TrainingText training = new TrainingText(rendering.text(), dated.spans(conversation, variables, rendering));
        training.spans().forEach(span -> requireCalls(training, span, conversation.messages().get(span.message())));
        return training;
    }

    private List<TrainingText.Span> spans(Conversation conversation, Map<String, JsonNode> variables,
            Rendering rendering) {
        List<Integer> assistants = IntStream.range(0, conversation.messages().size())
                .filter(i -> conversation.messages().get(i).role() == Role.ASSISTANT).boxed().toList();
        if (rendering.incomplete() || rendering.generations().size() != assistants.size()) {
            return new PrefixSpans(this, conversation, variables, rendering.text()).find();
        }
        List<TrainingText.Span> spans = new ArrayList<>();
        for (int i = 0; i < assistants.size(); i++) {
            Rendering.Span generation = rendering.generations().get(i);
            spans.add(new TrainingText.Span(generation.start(), generation.end(), assistants.get(i)));
        }
        return spans;
    }

    /** A template that does not know tool calls leaves them out without a word. */
    private static void requireCalls(TrainingText training, TrainingText.Span span, Message message) {
        String written = training.text().substring(span.start(), span.end());
        for (ToolCall call : message.toolCalls()) {
            if (!written.contains(call.name())) {
                throw Problem.user("tool_calls_not_supported", "messages[" + span.message()
                        + "] (assistant): the chat template does not show the call of " + call.name()
                        + ". Leave the tool calls out, or use a model whose chat template shows them.",
                        "messages[" + span.message() + "].tool_calls").asException();
            }
        }
    }

    /** Whether the template looks at {@code tools}; one that does not leaves them out without a word. */
    public boolean readsTools() {
        return TOOLS.matcher(source).find();
    }
}
