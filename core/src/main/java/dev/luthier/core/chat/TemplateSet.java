package dev.luthier.core.chat;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The chat templates of a model. As in transformers, a template named {@code tool_use} renders conversations that offer
 * tools, the one named {@code default} all others. Immutable and thread-safe.
 */
public final class TemplateSet {
    private static final String DEFAULT = "default";
    private static final String TOOL_USE = "tool_use";

    private final ChatTemplate template;
    private final @Nullable ChatTemplate toolUse;
    private final @Nullable ProblemException toolUseFault;

    private TemplateSet(ChatTemplate template, @Nullable ChatTemplate toolUse,
            @Nullable ProblemException toolUseFault) {
        this.template = template;
        this.toolUse = toolUse;
        this.toolUseFault = toolUseFault;
    }

    /**
     * The templates of a model; empty if it has none for chat.
     *
     * @throws ProblemException USER {@code invalid_chat_template} with the line
     */
    public static Optional<TemplateSet> of(ModelDirectory model, Tokenizer tokenizer) {
        return compile(model.chatTemplates(), model.specialTokens().named(), StopTokens.of(model, tokenizer));
    }

    /**
     * Templates without their tokenizer.
     *
     * @param sources by name
     * @param specialTokens as for {@link ChatTemplate#compile}
     */
    public static Optional<TemplateSet> compile(Map<String, String> sources, Map<String, String> specialTokens) {
        return compile(sources, specialTokens, StopTokens.UNKNOWN);
    }

    private static Optional<TemplateSet> compile(Map<String, String> sources, Map<String, String> specialTokens,
            StopTokens stops) {
        String toolUse = sources.get(TOOL_USE);
        String main = sources.getOrDefault(DEFAULT, toolUse);
        if (main == null) {
            return Optional.empty();
        }
        ChatTemplate template = ChatTemplate.compile(main, specialTokens, stops);
        if (toolUse == null || toolUse.equals(main)) {
            return Optional.of(new TemplateSet(template, null, null));
        }
        try {
            return Optional.of(new TemplateSet(template, ChatTemplate.compile(toolUse, specialTokens, stops), null));
        } catch (ProblemException fault) {
            // Conversations without tools do not suffer from it.
            return Optional.of(new TemplateSet(template, null, fault));
        }
    }

    /** The template that renders a conversation. */
    public ChatTemplate forConversation(Conversation conversation) {
        return conversation.tools().isEmpty() ? template : forTools();
    }

    private ChatTemplate forTools() {
        if (toolUseFault != null) {
            throw new ProblemException(toolUseFault.problem(), toolUseFault);
        }
        return toolUse == null ? template : toolUse;
    }

    /**
     * A conversation with the start of the assistant's answer, or up to the end of its last message's text.
     *
     * @throws ProblemException USER, also {@code tools_not_supported} when the template leaves the tools out
     */
    public String prompt(Conversation conversation, boolean continuesLast) {
        return forConversation(conversation).prompt(conversation, continuesLast);
    }

    /** See {@link ChatTemplate#renderForTraining(Conversation)}. */
    public TrainingText trainingText(Conversation conversation) {
        return forConversation(conversation).renderForTraining(conversation);
    }

    /** How the model writes calls of the tools that it is offered. */
    public ToolCallFormat callFormat() {
        return toolUseFault != null ? ToolCallFormat.NONE : ToolCallFormat.of(forTools());
    }

    /** Whether the model sees the tools that it is offered. */
    public boolean showsTools() {
        return toolUseFault == null && ToolProbe.shows(forTools());
    }

    /** Texts of the tokens that end the assistant's turns in the templates' texts. */
    public Set<String> endTokens() {
        String token = template.endOfTurn().token();
        return token.isEmpty() ? Set.of() : Set.of(token);
    }

    /** What was found out about the templates. */
    public List<TemplateNote> notes() {
        List<TemplateNote> notes = new ArrayList<>();
        if (toolUseFault != null) {
            notes.add(new TemplateNote(true,
                    "The template tool_use cannot be used. " + toolUseFault.problem().message()));
        } else if (!showsTools()) {
            notes.add(new TemplateNote(false,
                    "The chat template does not show tools; conversations with tools are refused."));
        } else if (toolUse != null) {
            notes.add(new TemplateNote(false, "The template tool_use renders conversations with tools."));
        }
        (toolUse == null ? template : toolUse).callNote().ifPresent(notes::add);
        template.endOfTurn().note().ifPresent(notes::add);
        return notes;
    }
}
