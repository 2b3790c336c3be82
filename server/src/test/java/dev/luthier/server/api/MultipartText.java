package dev.luthier.server.api;

import dev.luthier.server.TestServer;
import dev.luthier.server.TestServer.Answer;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A multipart body that is put together part by part, well formed or not. */
final class MultipartText {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A part with these headers, lines without their ends. */
    MultipartText part(String headers, byte[] content) {
        raw("--x\r\n" + headers + "\r\n\r\n");
        bytes.writeBytes(content);
        return raw("\r\n");
    }

    MultipartText text(String name, String value) {
        return part("Content-Disposition: form-data; name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
    }

    MultipartText file(String name, String filename, byte[] content) {
        return part("Content-Disposition: form-data; name=\"" + name + "\"; filename=\"" + filename
                + "\"\r\nContent-Type: application/octet-stream", content);
    }

    MultipartText raw(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    MultipartText end() {
        return raw("--x--\r\n");
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** Posts what there is so far. */
    Answer post(TestServer server, String path, String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Type", "multipart/form-data; boundary=x"));
        all.addAll(List.of(headers));
        return server.send("POST", path, BodyPublishers.ofByteArray(bytes()), all.toArray(new String[0]));
    }
}
