package dev.luthier.cli.demo;

import dev.luthier.cli.client.ApiClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks a model the same questions through the chat route, a few at a time, greedily. */
final class Exam {
    private static final int STUDENTS = 8;
    private static final int LONGEST_ANSWER = 80;

    private final ApiClient client;

    Exam(ApiClient client) {
        this.client = client;
    }

    /** The answers, in the order of the questions. */
    List<String> answers(String model, List<Question> questions) throws IOException, InterruptedException {
        try (ExecutorService students = Executors.newFixedThreadPool(STUDENTS)) {
            List<Future<String>> pending = new ArrayList<>();
            for (Question question : questions) {
                pending.add(students.submit(() -> answer(model, question)));
            }
            List<String> answers = new ArrayList<>();
            for (Future<String> answer : pending) {
                answers.add(answer.get());
            }
            return answers;
        } catch (ExecutionException e) {
            switch (Objects.requireNonNull(e.getCause())) {
                case RuntimeException cause -> throw cause;
                case IOException cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private String answer(String model, Question question) throws IOException {
        return client.post("/mistral/v1/chat/completions", Map.of("model", model, "messages", question.messages(),
                "temperature", 0, "max_tokens", LONGEST_ANSWER)).path("choices").path(0).path("message")
                .path("content").asString("");
    }

    /** Share of exact answers, in whole percent, rounded down. */
    static int exactMatch(List<Question> questions, List<String> answers) {
        int right = 0;
        for (int i = 0; i < questions.size(); i++) {
            right += questions.get(i).isAnsweredBy(answers.get(i)) ? 1 : 0;
        }
        return right * 100 / questions.size();
    }
}
