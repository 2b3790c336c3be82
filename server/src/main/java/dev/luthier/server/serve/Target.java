package dev.luthier.server.serve;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.server.model.BaseModel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The model that answers a request.
 *
 * @param adapter null for the base model itself
 */
record Target(BaseModel base, ServedModel model, @Nullable AdapterReference adapter) {

    /** Changes whenever the base model or the adapter does. */
    String fingerprint() {
        String what = base.name() + "\n" + base.createdAtMillis() + "\n" + (adapter == null ? "" : adapter.name());
        return "fp_" + HexFormat.of().formatHex(Sha256.of(what), 0, 5);
    }

    /** @throws dev.luthier.core.problem.ProblemException USER {@code no_chat_template} */
    void requireChatTemplate() {
        if (model.templates().isEmpty()) {
            throw Problem.user("no_chat_template", "The model " + base.name()
                    + " has no chat template, so it cannot chat. Use one that is made for chat, "
                    + "or put a chat_template.jinja into its directory.", "model").asException();
        }
    }

    /** @throws dev.luthier.core.problem.ProblemException USER if the options name a token that the model has not */
    void check(AnswerOptions options) {
        int size = model.tokenizer().vocabSize();
        for (int token : options.logitBias().keySet()) {
            if (token >= size) {
                throw Problem.user("unknown_token", "logit_bias names the token " + token + ", but the tokens of "
                        + base.name() + " are 0 to " + (size - 1) + ".", "logit_bias").asException();
            }
        }
    }

    /** What a worker said of a token, with the texts of the tokens. */
    ScoredToken scored(TokenScore score) {
        List<ScoredToken> top = new ArrayList<>();
        for (Map.Entry<Integer, Double> other : score.top().entrySet()) {
            top.add(new ScoredToken(bytes(other.getKey()), other.getValue(), List.of()));
        }
        return new ScoredToken(bytes(score.token()), score.logprob(), top);
    }

    /** A token that follows nothing. */
    ScoredToken first(int token) {
        return new ScoredToken(bytes(token), null, List.of());
    }

    private byte[] bytes(int token) {
        Tokenizer tokenizer = model.tokenizer();
        return tokenizer.bytes(token);
    }
}
