package dev.luthier.server.serve;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.prompt.PromptSource;
import dev.luthier.server.key.Principal;

/** Turns conversations into prompts, in no particular dialect: finds the model, renders, tokenizes. */
public final class ChatService {
    private final ModelFinder models;

    ChatService(ModelFinder models) {
        this.models = models;
    }

    /**
     * Turns a request into tokens.
     *
     * @throws ProblemException USER: {@code invalid_model}, {@code unsuitable_model}, {@code no_chat_template}, {@code unknown_token}, or what the
     *     template says against the conversation
     */
    public Prompt prompt(Principal caller, ChatTurn turn) {
        Target target = models.find(caller, turn.model());
        target.check(turn.options());
        target.requireChatTemplate();
        int[] tokens = target.model().prompts()
                .encode(new PromptSource.Chat(turn.conversation(), turn.continuesLast())).ids();
        if (tokens.length == 0) {
            throw Problem.user("empty_prompt", "The chat template makes no text of these messages.", "messages")
                    .asException();
        }
        return new Prompt(turn.model(), target, tokens, "messages", new int[0], turn.mayCallTools(), turn.options());
    }
}
