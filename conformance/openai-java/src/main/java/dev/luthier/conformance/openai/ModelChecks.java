package dev.luthier.conformance.openai;

import static dev.luthier.conformance.openai.Report.require;
import static dev.luthier.conformance.openai.Report.same;

import com.openai.client.OpenAIClient;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import java.util.List;
import java.util.stream.Collectors;

/** Models, and what they answer. */
@SuppressWarnings("deprecation") // what OpenAI deprecates is still sent
final class ModelChecks {
    private static final RequestOptions UNVALIDATED = RequestOptions.builder().responseValidation(false).build();

    private final OpenAIClient client;
    private final String base;
    private final String tuned;

    ModelChecks(Connection connection, String tuned) {
        this.client = connection.client();
        this.base = connection.model();
        this.tuned = tuned;
    }

    void read(Report report) {
        report.check("GET /models", () -> {
            List<String> ids = client.models().list().autoPager().stream().map(Model::id).toList();
            require(ids.contains(base) && ids.contains(tuned), ids);
        });
        report.check("GET /models/{model}", () -> same(client.models().retrieve(tuned).id(), tuned));
    }

    void chat(Report report, String checkpoint) {
        report.check("POST /chat/completions", () -> {
            ChatCompletion answer = client.chat().completions().create(question(tuned).build());
            same(answer.usage().orElseThrow().totalTokens(),
                    answer.usage().orElseThrow().promptTokens() + answer.usage().orElseThrow().completionTokens());
            ChatCompletion two = client.chat().completions().create(question(tuned).addDeveloperMessage("Be brief.")
                    .n(2).logprobs(true).topLogprobs(2).stop("\n").presencePenalty(0.5).frequencyPenalty(0.5).build());
            same(two.choices().stream().map(ChatCompletion.Choice::index).toList(), List.of(0L, 1L));
            same(two.choices().getFirst().logprobs().orElseThrow().content().orElseThrow().getFirst().topLogprobs()
                    .size(), 2);
        });
        report.check("POST /chat/completions (stream)", () -> {
            String whole = client.chat().completions().create(question(tuned).build()).choices().getFirst().message()
                    .content().orElseThrow();
            ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
            try (StreamResponse<ChatCompletionChunk> chunks = client.chat().completions()
                    .createStreaming(question(tuned)
                            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build())) {
                chunks.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
            }
            ChatCompletion streamed = accumulator.chatCompletion();
            same(streamed.choices().getFirst().message().content().orElseThrow(), whole);
            require(streamed.usage().orElseThrow().totalTokens() > 0, streamed);
        });
        report.check("POST /chat/completions (checkpoint)", () -> require(client.chat().completions()
                .create(question(checkpoint).build()).choices().getFirst().message().content().isPresent(),
                checkpoint));
    }

    void completions(Report report) {
        report.check("POST /completions", () -> {
            Completion completion = client.completions().create(prompt().logprobs(2).build());
            require(completion.choices().getFirst().logprobs().isPresent(), completion);
            // The first token of an echo has no probability: null, as OpenAI sends it, which validation does not admit.
            Completion echo = client.completions().create(prompt().echo(true).logprobs(2).build(), UNVALIDATED);
            require(echo.choices().getFirst().text().startsWith("The door"), echo);
        });
        report.check("POST /completions (stream)", () -> {
            String whole = client.completions().create(prompt().build()).choices().getFirst().text();
            try (StreamResponse<Completion> chunks = client.completions().createStreaming(prompt().build(),
                    UNVALIDATED)) {
                // The reason is null until the last chunk, as OpenAI sends it, which validation does not admit.
                same(chunks.stream().flatMap(chunk -> chunk.choices().stream()).map(choice -> choice.text())
                        .collect(Collectors.joining()), whole);
            }
        });
    }

    void delete(Report report) {
        report.check("DELETE /models/{model}", () -> {
            require(client.models().delete(tuned).deleted(), tuned);
            Report.fails(NotFoundException.class, 404, "", () -> client.models().retrieve(tuned));
        });
    }

    private static ChatCompletionCreateParams.Builder question(String model) {
        return ChatCompletionCreateParams.builder().model(model).addUserMessage("what is number 3?")
                .maxCompletionTokens(12).temperature(0).seed(7);
    }

    private CompletionCreateParams.Builder prompt() {
        return CompletionCreateParams.builder().model(base).prompt("The door").maxTokens(6).temperature(0);
    }
}
