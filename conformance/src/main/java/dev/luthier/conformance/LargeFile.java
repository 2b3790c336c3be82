package dev.luthier.conformance;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A file that 32 bits cannot count, sent in the largest parts that are allowed. */
final class LargeFile {
    static final long BYTES = 2_200_000_000L;
    private static final int PART_BYTES = 64_000_000;

    private LargeFile() {}

    /** Uploads it and gives the file's id in OpenAI's form. */
    static String upload(LiveServer server) throws IOException, InterruptedException {
        String uploads = "/openai/v1/uploads";
        String upload = server.post(uploads,
                Map.of("filename", "large.txt", "purpose", "user_data", "bytes", BYTES, "mime_type", "text/plain"))
                .path("id").stringValue();
        byte[] part = new byte[PART_BYTES];
        Arrays.fill(part, (byte) '.');
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
