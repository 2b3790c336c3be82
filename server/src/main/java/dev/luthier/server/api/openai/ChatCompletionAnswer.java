package dev.luthier.server.api.openai;

import dev.luthier.core.chat.ToolCallParser;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.api.chat.AnswerMemory;
import dev.luthier.server.api.chat.AnswerOutput;
import dev.luthier.server.api.chat.Answers;
import dev.luthier.server.api.chat.ChoiceWriter;
import dev.luthier.server.api.chat.Usage;
import dev.luthier.server.api.openai.ChatCompletionJson.AssistantMessage;
import dev.luthier.server.api.openai.ChatCompletionJson.Call;
import dev.luthier.server.api.openai.ChatCompletionJson.CallPart;
import dev.luthier.server.api.openai.ChatCompletionJson.Choice;
import dev.luthier.server.api.openai.ChatCompletionJson.ChunkChoice;
import dev.luthier.server.api.openai.ChatCompletionJson.Completion;
import dev.luthier.server.api.openai.ChatCompletionJson.Delta;
import dev.luthier.server.api.openai.ChatCompletionJson.Function;
import dev.luthier.server.api.openai.ChatCompletionJson.FunctionPart;
import dev.luthier.server.api.openai.ChatCompletionJson.Logprobs;
import dev.luthier.server.api.openai.ChatCompletionJson.Opening;
import dev.luthier.server.api.openai.ChatCompletionReader.CallShape;
import dev.luthier.server.api.openai.ChatCompletionReader.ChatCompletionRequest;
import dev.luthier.server.serve.AnswerStream;
import dev.luthier.server.serve.AnswerStream.Piece;
import dev.luthier.server.serve.Prompt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Words the answers to one request. In a stream: a chunk with the role for each choice, one per piece of text, two per
 * call (its name, then its arguments), one with the reason; when the usage is wanted, a last one without choices; then
 * {@code [DONE]}. A fault in the middle is an event {@code error}, after which nothing comes.
 */
final class ChatCompletionAnswer {
    private final ChatCompletionRequest request;
    private final Prompt prompt;
    private final String id;
    private final long createdSeconds;

    ChatCompletionAnswer(ChatCompletionRequest request, Prompt prompt, String id, long createdSeconds) {
        this.request = request;
        this.prompt = prompt;
        this.id = id;
        this.createdSeconds = createdSeconds;
    }

    Completion whole(Answers answers, AnswerOutput output, AnswerMemory.Share share) {
        List<Choice> choices = new ArrayList<>();
        for (Piece piece : answers.readAll(output, share)) {
            AnswerStream answer = answers.get(choices.size());
            List<ToolCallParser.Call> calls = calls(answer);
            boolean old = request.calls() == CallShape.FUNCTION_CALL;
            String content = !calls.isEmpty() && piece.text().isEmpty() ? null : piece.text();
            AssistantMessage message = new AssistantMessage("assistant", content, null,
                    calls.isEmpty() || old ? null : ChatCompletionJson.calls(calls),
                    calls.isEmpty() || !old ? null : ChatCompletionJson.function(calls.getFirst()));
            choices.add(new Choice(choices.size(), message, logprobs(content, piece), reason(answer)));
        }
        return new Completion(id, "chat.completion", createdSeconds, prompt.modelName(), choices, usage(answers),
                prompt.fingerprint());
    }

    private @Nullable Logprobs logprobs(@Nullable String content, Piece piece) {
        if (prompt.options().logprobs() == null) {
            return null;
        }
        return content == null ? new Logprobs(null, null) : Logprobs.of(piece.tokens());
    }

    /** Those that the request can be told. */
    private List<ToolCallParser.Call> calls(AnswerStream answer) {
        return switch (request.calls()) {
            case TOOL_CALLS -> answer.calls();
            case ONE_TOOL_CALL, FUNCTION_CALL -> answer.calls().stream().limit(1).toList();
        };
    }

    private String reason(AnswerStream answer) {
        if (answer.calls().isEmpty()) {
            return ChatCompletionJson.finishReason(answer.end());
        }
        return request.calls() == CallShape.FUNCTION_CALL ? "function_call" : "tool_calls";
    }

    private Usage usage(Answers answers) {
        return Usage.of(prompt.tokens().length, answers.generatedTokens());
    }

    /** @throws IOException when the client has gone */
    void stream(Answers answers, AnswerOutput output) throws IOException {
        ChunkStream chunks = new ChunkStream(output, "chat.completion.chunk", id, createdSeconds, prompt,
                request.streaming().includeUsage());
        String content = prompt.mayCallTools() ? null : "";
        for (int index = 0; index < answers.size(); index++) {
            chunks.send(new ChunkChoice(index, new Opening("assistant", content, null), null, null));
        }
        chunks.drain(answers, new Writer(chunks), () -> usage(answers));
    }

    private final class Writer implements ChoiceWriter {
        private final ChunkStream chunks;

        Writer(ChunkStream chunks) {
            this.chunks = chunks;
        }

        @Override
        public void piece(int index, Piece piece) throws IOException {
            chunks.send(new ChunkChoice(index, Delta.text(piece.text()), logprobs(piece.text(), piece), null));
        }

        @Override
        public void end(int index, AnswerStream answer) throws IOException {
            if (request.calls() == CallShape.FUNCTION_CALL) {
                for (ToolCallParser.Call call : calls(answer)) {
                    send(index, new Delta(null, null, new FunctionPart(call.name(), "")));
                    send(index, new Delta(null, null, new FunctionPart(null, call.arguments())));
                }
            } else {
                sendCalls(index, ChatCompletionJson.calls(calls(answer)));
            }
            chunks.send(new ChunkChoice(index, Delta.nothing(), null, reason(answer)));
        }

        private void sendCalls(int index, List<Call> calls) throws IOException {
            for (int i = 0; i < calls.size(); i++) {
                Call call = calls.get(i);
                Function function = call.function();
                send(index, new Delta(null, List.of(
                        new CallPart(i, call.id(), call.type(), new FunctionPart(function.name(), ""))), null));
                send(index, new Delta(null,
                        List.of(new CallPart(i, null, null, new FunctionPart(null, function.arguments()))), null));
            }
        }

        private void send(int index, Delta delta) throws IOException {
            chunks.send(new ChunkChoice(index, delta, null, null));
        }

        @Override
        public void fault(int index, ProblemException fault) {
            throw fault;
        }
    }
}
