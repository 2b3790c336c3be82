package dev.luthier.bench.requests;

import dev.luthier.core.process.ParentWatch;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link HelloServer} in a process of its own, with the Java options that the caller names. */
final class HelloProcess implements AutoCloseable {
    private final Process process;
    private final URI url;

    private HelloProcess(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    static HelloProcess start(List<String> javaOptions, Path log) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> line = new ArrayList<>();
        line.add(ProcessHandle.current().info().command().orElse("java"));
        line.addAll(javaOptions);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), HelloServer.class.getName(),
                "--server.address=127.0.0.1", "--server.port=" + port, "--spring.main.banner-mode=off"));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        ParentWatch.tie(builder);
        Process process = builder.start();
        HelloProcess hello = new HelloProcess(process, URI.create("http://127.0.0.1:" + port));
        while (!hello.answers()) {
            if (!process.isAlive()) {
                throw new IOException("the hello-world ended: " + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return hello;
    }

    private boolean answers() {
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    URI url() {
        return url;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
