package dev.luthier.bench.requests;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Sends the same GET over and over on a number of kept-alive connections, each waiting for its answer before it asks
 * again. It does little beside reading and writing, since it shares the cores with what it measures.
 */
final class LoadGenerator {
    private static final String LENGTH = "content-length:";
    private static final String CHUNKED = "transfer-encoding: chunked";

    private LoadGenerator() {}

    /**
     * What came of it.
     *
     * @param requests answered with status 200
     * @param medianMillis from sending a request to the last byte of its answer
     */
    record Load(int requests, double requestsPerSecond, double medianMillis, double p99Millis) {}

    /** @throws IOException if any answer is not 200 */
    static Load run(URI address, String key, int connections, double seconds) throws IOException, InterruptedException {
        byte[] request = ("GET " + address.getRawPath()
                + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery()) + " HTTP/1.1\r\nHost: "
                + address.getAuthority() + "\r\nAuthorization: Bearer " + key + "\r\nAccept: application/json\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        List<Future<long[]>> clients = new ArrayList<>();
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < connections; i++) {
                clients.add(threads.submit(() -> ask(address, request, end)));
            }
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        long[] nanos = new long[0];
        for (Future<long[]> client : clients) {
            long[] more = result(client);
            int before = nanos.length;
            nanos = Arrays.copyOf(nanos, before + more.length);
            System.arraycopy(more, 0, nanos, before, more.length);
        }
        Arrays.sort(nanos);
        return new Load(nanos.length, nanos.length / elapsed, nanos[nanos.length / 2] / 1e6,
                nanos[(int) (nanos.length * 0.99)] / 1e6);
    }

    private static long[] result(Future<long[]> client) throws IOException, InterruptedException {
        try {
            return client.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static long[] ask(URI address, byte[] request, long end) throws IOException {
        long[] nanos = new long[1024];
        int count = 0;
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket(address.getHost(), address.getPort())) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                InputStream in = new BufferedInputStream(socket.getInputStream(), 32 << 10);
                boolean open = true;
                while (open && System.nanoTime() < end) {
                    long sent = System.nanoTime();
                    out.write(request);
                    open = readAnswer(in);
                    if (count == nanos.length) {
                        nanos = Arrays.copyOf(nanos, count * 2);
                    }
                    nanos[count++] = System.nanoTime() - sent;
                }
            }
        }
        return Arrays.copyOf(nanos, count);
    }

    /** Whether the server keeps the connection open for another request. */
    private static boolean readAnswer(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("answered " + status);
        }
        long length = -1;
        boolean chunked = false;
        boolean open = true;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith(LENGTH)) {
                length = Long.parseLong(lower.substring(LENGTH.length()).strip());
            }
            chunked |= lower.equals(CHUNKED);
            open &= !lower.equals("connection: close");
        }
        if (!chunked) {
            in.skipNBytes(length);
            return open;
        }
        for (int size = chunk(in); size > 0; size = chunk(in)) {
            in.skipNBytes(size + 2L);
        }
        line(in);
        return open;
    }

    private static int chunk(InputStream in) throws IOException {
        return Integer.parseInt(line(in), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection was closed");
            }
            if (next != '\r') {
                text.append((char) next);
            }
        }
        return text.toString();
    }
}
