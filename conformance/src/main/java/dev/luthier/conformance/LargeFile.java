package dev.luthier.conformance;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A file that 32 bits cannot count, sent in the largest parts that are allowed. */
final class LargeFile {
    static final long BYTES = 2_200_000_000L;
    private static final int PART_BYTES = 64_000_000;
    private static final String TRAINING_LINE = trainingLine(1000);

    private LargeFile() {}

    /** A sample of exactly this many bytes, so that every part ends with a line. */
    private static String trainingLine(int bytes) {
        String sample = """
                {"messages":[{"role":"user","content":"%s"},{"role":"assistant","content":"yes"}]}
                """;
        return sample.formatted("a".repeat(bytes - sample.formatted("").length()));
    }

    /** Uploads it and gives the file's id in OpenAI's form. */
    static String upload(LiveServer server) throws IOException, InterruptedException {
        String uploads = "/openai/v1/uploads";
        String upload = server.post(uploads,
                Map.of("filename", "large.jsonl", "purpose", "fine-tune", "bytes", BYTES, "mime_type", "text/jsonl"))
                .path("id").stringValue();
        byte[] part = TRAINING_LINE.repeat(PART_BYTES / TRAINING_LINE.length()).getBytes(StandardCharsets.US_ASCII);
        List<String> parts = new ArrayList<>();
        for (long sent = 0; sent < BYTES; sent += PART_BYTES) {
            int length = (int) Math.min(PART_BYTES, BYTES - sent);
            parts.add(server.postForm(uploads + "/" + upload + "/parts", "data", "part",
                    BodyPublishers.ofByteArray(part, 0, length)).path("id").stringValue());
        }
        return server.post(uploads + "/" + upload + "/complete", Map.of("part_ids", parts)).path("file").path("id")
                .stringValue();
    }
}
