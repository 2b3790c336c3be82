package dev.luthier.core.chat;

import dev.luthier.core.jinja.JinjaTemplate;
import dev.luthier.core.jinja.run.Rendering;
import dev.luthier.core.jinja.value.Limits;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
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

    private final String source;
    private final JinjaTemplate template;
    private final Map<String, String> specialTokens;
    private final Supplier<LocalDateTime> now;
    private final StopTokens stops;
    private final Learnt learnt;

    private ChatTemplate(String source, JinjaTemplate template, Map<String, String> specialTokens, StopTokens stops,
            Supplier<LocalDateTime> now, Learnt learnt) {
        this.source = source;
        this.template = template;
        this.specialTokens = specialTokens;
        this.stops = stops;
        this.now = now;
        this.learnt = learnt;
    }

    /** What renderings of synthetic conversations tell of a template. */
    private record Learnt(CallForms forms, boolean bareTools, EndOfTurn endOfTurn) {
        static final Learnt NOTHING = new Learnt(CallForms.AS_GIVEN, false,
                new EndOfTurn(EndOfTurn.Place.UNKNOWN, "", ""));
    }

    /**
     * Compiles a template.
     *
     * @param specialTokens texts by name, such as {@code bos_token}, as in {@code tokenizer_config.json}
     * @throws ProblemException USER {@code invalid_chat_template} with the line
     */
    public static ChatTemplate compile(String source, Map<String, String> specialTokens) {
        return compile(source, specialTokens, StopTokens.UNKNOWN);
    }

    static ChatTemplate compile(String source, Map<String, String> specialTokens, StopTokens stops) {
        ChatTemplate unknown = new ChatTemplate(source, JinjaTemplate.compile(source), Map.copyOf(specialTokens), stops,
                LocalDateTime::now, Learnt.NOTHING);
        CallForms forms = source.contains("tool_calls") ? CallForms.of(unknown) : CallForms.AS_GIVEN;
        boolean bareTools = source.contains("tools") && ToolProbe.wantsBareFunctions(unknown);
        return unknown.with(new Learnt(forms, bareTools, EndOfTurn.of(unknown)));
    }

    private ChatTemplate with(Learnt found) {
        return new ChatTemplate(source, template, specialTokens, stops, now, found);
    }

    /** This template, handed tool calls in these forms. */
    ChatTemplate with(CallForms forms) {
        return with(new Learnt(forms, learnt.bareTools(), learnt.endOfTurn()));
    }

    /** This template at a fixed local time, for templates that print the date. */
    public ChatTemplate at(LocalDateTime time) {
        return new ChatTemplate(source, template, specialTokens, stops, () -> time, learnt);
    }

    /** The template's text. */
    public String source() {
        return source;
    }

    /** Special tokens by name. */
    public Map<String, String> specialTokens() {
        return specialTokens;
    }

    StopTokens stops() {
        return stops;
    }

    /** The token that ends the assistant's turns. */
    EndOfTurn endOfTurn() {
        return learnt.endOfTurn();
    }

    /** Texts that end an answer: the end-of-sequence token and the model's other stop tokens. */
    Set<String> endTokens() {
        Set<String> tokens = new LinkedHashSet<>(stops.texts());
        String end = specialTokens.get("eos_token");
        if (end != null && !end.isEmpty()) {
            tokens.add(end);
        }
        return tokens;
    }

    /** The form in which the template receives tool calls; empty if it shows none. */
    Optional<TemplateNote> callNote() {
        return learnt.forms().note();
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
        variables.put("messages", TemplateValues.messages(conversation.messages(), learnt.forms()));
        variables.put("tools", TemplateValues.tools(conversation.tools(), learnt.bareTools()));
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

    /**
     * A conversation with the start of the assistant's answer, or up to the end of its last message's text.
     *
     * @throws ProblemException USER, also {@code tools_not_supported} when the template leaves the tools out
     */
    String prompt(Conversation conversation, boolean continuesLast) {
        String text = promptText(conversation, continuesLast);
        requireTools(conversation, text, bare -> promptText(bare, continuesLast));
        return text;
    }

    private String promptText(Conversation conversation, boolean continuesLast) {
        return continuesLast ? renderContinuing(conversation, Map.of()) : render(conversation, true);
    }

    /** A template that does not know tools leaves them out without a word: the text is the same without them. */
    private static void requireTools(Conversation conversation, String text, Function<Conversation, String> renderer) {
        if (conversation.tools().isEmpty()) {
            return;
        }
        String bare;
        try {
            bare = renderer.apply(new Conversation(conversation.messages()));
        } catch (ProblemException refused) {
            return;
        }
        if (bare.equals(text)) {
            throw Problem.user("tools_not_supported", "The chat template does not show tools to the model. "
                    + "Leave the tools out, or use a model whose chat template does.", "tools").asException();
        }
    }

    /** {@link #renderForTraining(Conversation, Map)} without further variables. */
    public TrainingText renderForTraining(Conversation conversation) {
        return renderForTraining(conversation, Map.of());
    }

    /**
     * The whole conversation with the places of what the assistant wrote. Where the template marks them with
     * {@code generation} blocks, one for each assistant message, these count, as in transformers; else they are found
     * and proven by rendering parts of the conversation. Where the template prints the token that ends a turn only
     * between turns, it is added after the last message.
     *
     * <p>The template reads {@link #TRAINING_TIME} as the time.
     *
     * @param variables as in {@link RenderOptions}
     * @throws ProblemException USER also, code {@code unverified_assistant_text}, when the place of a message cannot
     *     be proven, and {@code tools_not_supported} or {@code tool_calls_not_supported} when the template leaves
     *     them out; param and message name the place
     */
    public TrainingText renderForTraining(Conversation conversation, Map<String, JsonNode> variables) {
        ChatTemplate dated = at(TRAINING_TIME);
        RenderOptions options = new RenderOptions(false, variables);
        Rendering rendering = dated.renderingForTraining(conversation, options);
        requireTools(conversation, rendering.text(), bare -> dated.render(bare, options));
        TrainingText training = new TrainingText(rendering.text(), dated.spans(conversation, variables, rendering));
        training.spans().forEach(span -> requireCalls(training, span, conversation.messages().get(span.message())));
        return withNotes(endOfTurn().complete(training, conversation, this), conversation);
    }

    /** A template that knows no calls often fails at the message without text, in words that help nobody. */
    private Rendering renderingForTraining(Conversation conversation, RenderOptions options) {
        try {
            return rendering(conversation, options);
        } catch (ProblemException fault) {
            List<Message> messages = conversation.messages();
            OptionalInt calling = IntStream.range(0, messages.size())
                    .filter(i -> !messages.get(i).toolCalls().isEmpty()).findFirst();
            if (calling.isEmpty() || source.contains("tool_calls")) {
                throw fault;
            }
            int index = calling.getAsInt();
            throw hidden(index, messages.get(index).toolCalls().getFirst()).asException();
        }
    }

    private TrainingText withNotes(TrainingText training, Conversation conversation) {
        boolean calls = conversation.messages().stream().anyMatch(message -> !message.toolCalls().isEmpty());
        return calls && callNote().isPresent() ? training.with(callNote().get()) : training;
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
            boolean shown = written.contains(call.name())
                    || (!call.arguments().isEmpty() && written.contains(TemplateValues.argumentsText(call)));
            if (!shown) {
                throw hidden(span.message(), call).asException();
            }
        }
    }

    private static Problem hidden(int message, ToolCall call) {
        return Problem.user("tool_calls_not_supported", "messages[" + message
                + "] (assistant): the chat template does not show the call of " + call.name()
                + ". Leave the tool calls out, or use a model whose chat template shows them.",
                "messages[" + message + "].tool_calls");
    }
}
