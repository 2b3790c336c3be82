package dev.luthier.cli;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.core.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** A conversation with a model: one question from the command line, or a dialogue line by line from standard input. */
@Command(name = "chat", description = "Talk to a model; one message as argument, or a dialogue on standard input.")
final class ChatCommand implements Callable<Integer> {
    @Mixin
    private Connection connection;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A base model, an alias or a fine-tuned model.")
    private String model;

    @Parameters(index = "1", arity = "0..1", paramLabel = "MESSAGE")
    private @Nullable String message;

    @Option(names = "--system", paramLabel = "TEXT", description = "System message.")
    private @Nullable String system;

    @Option(names = "--temperature", paramLabel = "T", description = "0 is greedy.")
    private @Nullable Double temperature;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longest answer.")
    private @Nullable Integer maxTokens;

    /** Set by the launcher, which alone can ask the terminal. */
    private final boolean isTerminal = "1".equals(System.getenv("LUTHIER_TTY"));

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<Map<String, String>> messages = new ArrayList<>();
        if (system != null) {
            messages.add(Map.of("role", "system", "content", system));
        }
        try (ApiClient client = connection.open()) {
            if (message != null) {
                ask(client, messages, message);
                return 0;
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = prompt(in); line != null; line = prompt(in)) {
                if (!line.isBlank()) {
                    ask(client, messages, line);
                }
            }
        }
        return 0;
    }

    private @Nullable String prompt(BufferedReader in) throws IOException {
        if (isTerminal) {
            out().print("> ");
            out().flush();
        }
        return in.readLine();
    }

    /** Prints the answer as it comes, and adds both turns to the conversation. */
    private void ask(ApiClient client, List<Map<String, String>> messages, String question) throws IOException {
        messages.add(Map.of("role", "user", "content", question));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", model);
        body.put("messages", messages);
        body.put("stream", true);
        if (temperature != null) {
            body.put("temperature", temperature);
        }
        if (maxTokens != null) {
            body.put("max_tokens", maxTokens);
        }
        StringBuilder answer = new StringBuilder();
        try (Stream<String> chunks = client.stream("/mistral/v1/chat/completions", body)) {
            chunks.takeWhile(chunk -> !chunk.equals("[DONE]")).map(ChatCommand::text).forEach(text -> {
                answer.append(text);
                out().print(text);
                out().flush();
            });
        }
        out().println();
        out().flush();
        messages.add(Map.of("role", "assistant", "content", answer.toString()));
    }

    private static String text(String chunk) {
        JsonNode delta = Json.parse(chunk).path("choices").path(0).path("delta");
        return delta.path("tool_calls").isArray()
                ? Json.write(delta.path("tool_calls"))
                : delta.path("content").asString("");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
