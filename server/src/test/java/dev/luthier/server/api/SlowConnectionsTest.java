package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.server.TestServer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that say nothing, or a byte now and then, leave others unharmed and are ended. */
class SlowConnectionsTest {
    private static final int CONNECTIONS = 200;

    @TempDir
    private Path directory;

    @Test
    void twoHundredSilentAndTricklingConnectionsLeaveOthersUnharmed() throws IOException {
        List<Socket> slow = new ArrayList<>();
        try (TestServer server = TestServer.start(directory)) {
            URI url = URI.create(server.server().url());
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = new Socket(url.getHost(), url.getPort());
                slow.add(socket);
                String begun = switch (i % 3) {
                    case 0 -> "";
                    case 1 -> "POST /v1/files HTTP/1.1\r\nHost: x\r\nX-Trickle: a";
                    default -> "POST /luthier/v1/keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + server.key()
                            + "\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\n\r\n{";
                };
                socket.getOutputStream().write(begun.getBytes(StandardCharsets.UTF_8));
            }
            for (int i = 0; i < 5; i++) {
                for (Socket socket : slow.subList(1, 3)) {
                    socket.getOutputStream().write(' ');
                }
                assertThat(server.get("/v1/models").status()).isEqualTo(200);
                String body = "{\"name\":\"" + "x".repeat(100_000) + "\"}";
                assertThat(server.post("/luthier/v1/keys", body).status()).isBetween(200, 499);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void aClientThatStopsSendingItsBodyIsToldSo() throws IOException {
        try (SteadyInput body = new SteadyInput(new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new SocketTimeoutException("nothing came");
            }
        })) {
            assertThatThrownBy(body::read).isInstanceOfSatisfying(ApiFailure.class,
                    failure -> assertThat(failure.status()).isEqualTo(408));
        }
    }
}
