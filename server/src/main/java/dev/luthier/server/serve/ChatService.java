package dev.luthier.server.serve;

import dev.luthier.core.chat.ChatTemplate;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.Model;
import dev.luthier.server.model.ModelRegistry;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers conversations, in no particular dialect: finds the model, renders, tokenizes, generates, decodes. */
public final class ChatService {
    private final ModelRegistry registry;
    private final ServedModels models;
    private final WorkerPool workers;

    ChatService(ModelRegistry registry, ServedModels models, WorkerPool workers) {
        this.registry = registry;
        this.models = models;
        this.workers = workers;
    }

    /**
     * Turns a request into tokens.
     *
     * @throws ProblemException USER: {@code invalid_model}, {@code no_chat_template}, or what the template says against
     *     the conversation
     */
    public ChatPrompt prompt(String organization, ChatTurn turn) {
        Model named = registry.find(organization, turn.model())
                .orElseThrow(() -> invalidModel("Invalid model: " + turn.model()
                        + ". GET /v1/models lists the models that there are."));
        BaseModel base = switch (named) {
            case BaseModel model -> model;
            case FineTunedModel model -> registry.base(model.baseName())
                    .orElseThrow(() -> invalidModel("Invalid model: " + turn.model() + ". Its base model "
                            + model.baseName() + " is no longer there."));
        };
        AdapterReference adapter = switch (named) {
            case BaseModel _ -> null;
            case FineTunedModel model -> adapter(model);
        };
        ServedModel served = models.get(base);
        ChatTemplate template = served.template().orElseThrow(() -> Problem.user("no_chat_template",
                "The model " + base.name() + " has no chat template, so it cannot chat. Use one that is made for chat, "
                        + "or put a chat_template.jinja into its directory.",
                "model").asException());
        String text = turn.continuesLast()
                ? template.renderContinuing(turn.conversation(), Map.of())
                : template.render(turn.conversation(), true);
        int[] tokens = served.tokenizer().encode(text, false);
        if (tokens.length == 0) {
            throw Problem.user("empty_prompt", "The chat template makes no text of these messages.", "messages")
                    .asException();
        }
        return new ChatPrompt(turn, served, adapter, tokens);
    }

    private static AdapterReference adapter(FineTunedModel model) {
        if (model.archived()) {
            throw invalidModel("Invalid model: " + model.id() + " is archived. Unarchive it to use it.");
        }
        return new AdapterReference(model.uuid().toString(), model.adapter());
    }

    private static ProblemException invalidModel(String message) {
        return Problem.user("invalid_model", message, "model").asException();
    }

    /**
     * Starts one answer.
     *
     * @param choice from 0; decides the seed
     * @return once the first token is there; the caller closes it
     * @throws ProblemException USER {@code context_length_exceeded}; RESOURCE when no worker can answer now
     */
    public AnswerStream answer(ChatPrompt prompt, int choice) {
        ChatTurn turn = prompt.turn();
        ServedModel model = prompt.model();
        TokenStream tokens = Objects.equals(turn.maxTokens(), 0)
                ? TokenStream.empty()
                : workers.generate(model.directory(), prompt.adapter(), spec(prompt, choice));
        return new AnswerStream(tokens, model.tokenizer().incrementalDecoder(!turn.mayCallTools()),
                turn.mayCallTools() ? model.toolCalls().stream() : null, new StopStrings(turn.stops()),
                Set.copyOf(model.stopTokens()));
    }

    private static GenerationSpec spec(ChatPrompt prompt, int choice) {
        ChatTurn turn = prompt.turn();
        ServedModel model = prompt.model();
        GenerationDefaults defaults = model.defaults();
        @Nullable
        Long seed = turn.seed() == null ? null : turn.seed() + choice;
        return new GenerationSpec(prompt.tokens(), turn.maxTokens(),
                turn.temperature() == null ? defaults.temperature() : turn.temperature(),
                turn.topP() == null ? defaults.topP() : turn.topP(), defaults.topK(), turn.presencePenalty(),
                turn.frequencyPenalty(), seed, model.stopTokens());
    }
}
