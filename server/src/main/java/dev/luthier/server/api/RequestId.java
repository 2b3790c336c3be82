package dev.luthier.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;

/** The name of one request, in the {@code x-request-id} header, in error bodies and in the log. */
final class RequestId {
    static final String HEADER = "x-request-id";
    private static final String ATTRIBUTE = RequestId.class.getName();

    private RequestId() {}

    static String of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof String id) {
            return id;
        }
        String id = "req_" + UUID.randomUUID().toString().replace("-", "");
        request.setAttribute(ATTRIBUTE, id);
        return id;
    }
}
