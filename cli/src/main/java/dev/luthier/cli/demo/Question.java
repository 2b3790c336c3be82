package dev.luthier.cli.demo;

import dev.luthier.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * A held-out line of chat data: what is asked, and the answer that counts.
 *
 * @param messages all messages before the last, as they are sent to the chat route
 * @param expected content of the last message
 */
record Question(List<JsonNode> messages, String expected) {

    Question {
        messages = List.copyOf(messages);
    }

    static List<Question> read(Path file) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).map(Question::parse).toList();
    }

    private static Question parse(String line) {
        List<JsonNode> all = StreamSupport.stream(Json.parse(line).path("messages").spliterator(), false).toList();
        return new Question(all.subList(0, all.size() - 1), all.getLast().path("content").stringValue());
    }

    /** What the user says, for people. */
    String text() {
        return messages.getLast().path("content").stringValue();
    }

    boolean isAnsweredBy(String answer) {
        return answer.strip().equals(expected.strip());
    }
}
