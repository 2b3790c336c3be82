package dev.luthier.server.fuzz;

import dev.luthier.server.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A client that sends any bytes, over HTTP/1.0, one connection each. */
final class RawClient {
    private static final int PATIENCE_MILLIS = 60_000;

    private final URI url;

    RawClient(TestServer server) {
        this.url = URI.create(server.server().url());
    }

    /**
     * A request.
     *
     * @param headers lines such as {@code Content-Type: application/json}; without Host and Content-Length
     * @param missing how many bytes of the announced body never come
     */
    @SuppressWarnings("ArrayRecordComponent") // compared nowhere
    record Request(String method, String path, List<String> headers, byte[] body, int missing) {
        Request {
            headers = List.copyOf(headers);
        }

        @Override
        public String toString() {
            return method + " " + path + " " + headers + (missing == 0 ? "" : " (" + missing + " bytes missing)") + "\n"
                    + new String(body, 0, Math.min(2000, body.length), StandardCharsets.UTF_8);
        }
    }

    /** A response; status 0 when the server has closed the connection without one. */
    record Response(int status, Map<String, String> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        String mediaType() {
            return header("content-type").split(";", 2)[0].strip();
        }
    }

    Response send(Request request) {
        StringBuilder head = new StringBuilder(request.method() + " " + request.path() + " HTTP/1.0\r\nHost: "
                + url.getAuthority() + "\r\n");
        request.headers().forEach(line -> head.append(line).append("\r\n"));
        if (request.body().length + request.missing() > 0 || !request.method().equals("GET")) {
            head.append("Content-Length: ").append(request.body().length + request.missing()).append("\r\n");
        }
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            try {
                socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
                socket.getOutputStream().write(request.body());
                socket.shutdownOutput();
            } catch (SocketException e) {
                // It has answered and closed before it read everything; the answer counts.
            }
            socket.getInputStream().transferTo(received);
        } catch (SocketException e) {
            // Reset after what was received.
        } catch (IOException e) {
            throw new UncheckedIOException(request.toString(), e);
        }
        return parse(received.toString(StandardCharsets.UTF_8));
    }

    private static Response parse(String text) {
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return new Response(0, Map.of(), text);
        }
        List<String> lines = new ArrayList<>(text.substring(0, end).lines().toList());
        Map<String, String> headers = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        return new Response(Integer.parseInt(lines.getFirst().split(" ", 3)[1]), headers, text.substring(end + 4));
    }
}
