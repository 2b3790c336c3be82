package dev.luthier.server.api;

import dev.luthier.server.TestServer;
import dev.luthier.server.key.Scope;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** A route of a running server that counts its calls and answers when and what the test says. */
public final class HeldRoute {
    private final AtomicInteger calls = new AtomicInteger();
    private final Semaphore arrived = new Semaphore(0);
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile int status = 200;
    private volatile String type = "application/json";
    private volatile int padding;

    private HeldRoute() {}

    static HeldRoute at(TestServer server, String... paths) {
        HeldRoute route = new HeldRoute();
        RequestMappingHandlerMapping mappings = server.withoutContract().server().context()
                .getBean(RequestMappingHandlerMapping.class);
        try {
            mappings.registerMapping(
                    RequestMappingInfo.paths(paths).methods(RequestMethod.POST)
                            .options(mappings.getBuilderConfiguration()).build(),
                    route, HeldRoute.class.getMethod("answer", HttpServletRequest.class, HttpServletResponse.class));
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
        return route;
    }

    /** The calls so far. */
    int calls() {
        return calls.get();
    }

    /** From now on calls stay in the handler until {@link #release}. */
    void hold() {
        arrived.drainPermits();
        gate = new CountDownLatch(1);
    }

    void release() {
        gate.countDown();
    }

    /** Waits until one more call is in the handler. */
    void awaitArrival() throws InterruptedException {
        if (!arrived.tryAcquire(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("no request arrived");
        }
    }

    HeldRoute answersWith(int newStatus) {
        status = newStatus;
        return this;
    }

    void answersWith(String newType, int newPadding) {
        type = newType;
        padding = newPadding;
    }

    /** The handler: {@code {"call": N, "bytes": length of the body or of its part named file}}. */
    @RequiresScope(Scope.NONE)
    public void answer(HttpServletRequest request, HttpServletResponse response)
            throws IOException, InterruptedException {
        int call = calls.incrementAndGet();
        CountDownLatch closed = gate;
        arrived.release();
        if (!closed.await(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("nobody released the route");
        }
        long bytes = 0;
        if (UploadForm.isMultipart(request)) {
            bytes = MultipartBody.parts(request).stream().filter(part -> part.name().equals("file")).findFirst()
                    .orElseThrow().sizeBytes();
        } else {
            bytes = request.getInputStream().readAllBytes().length;
        }
        if (status == 503) {
            throw ApiFailure.of(503, "busy", "Not now.");
        }
        response.setStatus(status);
        response.setContentType(type);
        response.setHeader("x-of-the-answer", "yes");
        response.getOutputStream()
                .write(("{\"call\":" + call + ",\"bytes\":" + bytes + "}" + " ".repeat(padding))
                        .getBytes(StandardCharsets.UTF_8));
    }
}
