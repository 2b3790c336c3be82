package dev.luthier.server.api.openai;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.chat.AnswerMemory;
import dev.luthier.server.api.chat.AnswerOutput;
import dev.luthier.server.api.chat.Answers;
import dev.luthier.server.api.chat.ChoiceWriter;
import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.api.openai.CompletionJson.Choice;
import dev.luthier.server.api.openai.CompletionJson.Completion;
import dev.luthier.server.api.openai.CompletionJson.Logprobs;
import dev.luthier.server.api.openai.CompletionReader.CompletionRequest;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.CompletionPrompt;
import dev.luthier.server.serve.Prompt;
import dev.luthier.server.serve.ScoredToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Words the answers to one completion request; those of a prompt follow each other. */
final class CompletionAnswer {
    private final CompletionRequest request;
    private final List<CompletionPrompt> prompts;
    private final List<List<ScoredToken>> scores;
    private final String id;
    private final long createdSeconds;

    /** @param scores of each prompt's tokens; empty unless they are to be echoed with log-probabilities */
    CompletionAnswer(CompletionRequest request, List<CompletionPrompt> prompts, List<List<ScoredToken>> scores,
            String id, long createdSeconds) {
        this.request = request;
        this.prompts = prompts;
        this.scores = scores;
        this.id = id;
        this.createdSeconds = createdSeconds;
    }

    Completion whole(Answers answers, AnswerOutput output, AnswerMemory.Share share) {
        List<Piece> pieces = answers.readAll(output, share);
        List<Choice> choices = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            int first = prompt * request.bestOf();
            List<Integer> best = best(answers, first);
            for (int answer : best) {
                Choice begun = beginning(prompt, choices.size());
                Logprobs logprobs = logprobs(pieces.get(answer).tokens(), offsets(prompt));
                choices.add(new Choice(begun.text() + pieces.get(answer).text(), choices.size(),
                        begun.logprobs() == null || logprobs == null ? logprobs : begun.logprobs().and(logprobs),
                        ChatCompletionJson.finishReason(answers.get(answer).end())));
            }
        }
        return new Completion(id, "text_completion", createdSeconds, prompt().modelName(), choices, usage(answers),
                prompt().fingerprint());
    }

    /** The likeliest answers of a prompt, best first; in their order when all are wanted. */
    private List<Integer> best(Answers answers, int first) {
        Stream<Integer> all = IntStream.range(first, first + request.bestOf()).boxed();
        int wanted = request.options().choices();
        return wanted == request.bestOf()
                ? all.toList()
                : all.sorted(Comparator.comparingDouble(answer -> -answers.get(answer).meanLogprob()))
                        .limit(wanted).toList();
    }

    /** @throws IOException when the client has gone */
    void stream(Answers answers, AnswerOutput output) throws IOException {
        ChunkStream chunks = new ChunkStream(output, "text_completion", id, createdSeconds, prompt(),
                request.streaming().includeUsage());
        int each = request.options().choices();
        List<TextOffsets> offsets = new ArrayList<>();
        for (int index = 0; index < answers.size(); index++) {
            offsets.add(offsets(index / each));
            if (request.echo()) {
                chunks.send(beginning(index / each, index));
            }
        }
        chunks.drain(answers, new ChoiceWriter() {
            @Override
            public void piece(int index, Piece piece) throws IOException {
                chunks.send(new Choice(piece.text(), index, logprobs(piece.tokens(), offsets.get(index)), null));
            }

            @Override
            public void end(int index, AnswerStream answer) throws IOException {
                chunks.send(new Choice("", index, null, ChatCompletionJson.finishReason(answer.end())));
            }

            @Override
            public void fault(int index, ProblemException fault) {
                throw fault;
            }
        }, () -> usage(answers));
    }

    /** What an answer begins with: the prompt, if it is to be echoed. */
    private Choice beginning(int prompt, int index) {
        if (!request.echo()) {
            return new Choice("", index, null, null);
        }
        CompletionPrompt echoed = prompts.get(prompt);
        List<ScoredToken> tokens = scores.isEmpty() ? List.of() : scores.get(prompt);
        List<ScoredToken> before = tokens.subList(0, Math.min(echoed.tokensBefore(), tokens.size()));
        List<ScoredToken> text = tokens.subList(before.size(), tokens.size());
        int surplus = text.stream().mapToInt(TextOffsets::characters).sum() - characters(echoed);
        List<Integer> offsets = new ArrayList<>(before.stream().map(token -> 0).toList());
        offsets.addAll(new TextOffsets(-Math.max(0, surplus)).of(text));
        return new Choice(echoed.text(), index, request.logprobs() ? Logprobs.of(tokens, offsets) : null, null);
    }

    private @Nullable Logprobs logprobs(List<ScoredToken> tokens, TextOffsets offsets) {
        return request.logprobs() ? Logprobs.of(tokens, offsets.of(tokens)) : null;
    }

    /** Those of an answer, which follows its prompt whether that is echoed or not. */
    private TextOffsets offsets(int prompt) {
        return new TextOffsets(characters(prompts.get(prompt)));
    }

    private static int characters(CompletionPrompt prompt) {
        return prompt.text().codePointCount(0, prompt.text().length());
    }

    private Prompt prompt() {
        return prompts.getFirst().prompt();
    }

    private Usage usage(Answers answers) {
        return Usage.of(prompts.stream().mapToInt(prompt -> prompt.prompt().tokens().length).sum(),
                answers.generatedTokens());
    }
}
