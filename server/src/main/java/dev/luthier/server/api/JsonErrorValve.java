package dev.luthier.server.api;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers for requests that Tomcat refuses before they reach a filter, such as a malformed address, and for those whose
 * body broke off: Tomcat takes the response over then.
 */
public final class JsonErrorValve extends ErrorReportValve {

    @Override
    protected void report(Request request, Response response, @Nullable Throwable thrown) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        if (request.getCoyoteRequest().isExceptionPresent()) {
            status = 400; // Tomcat holds a body that ends too early for its own fault
            response.setStatus(status);
        }
        String id = "req_" + UUID.randomUUID().toString().replace("-", "");
        ApiFailure failure = ApiFailure.of(status, status < 500 ? "malformed_request" : "internal_error",
                status < 500
                        ? "The request is not valid HTTP, or not whole: check its address, its headers and its body."
                        : "Something went wrong in the server. The request id is " + id + ".");
        try {
            response.setContentType("application/json");
            response.setHeader(RequestId.HEADER, id);
            response.setCharacterEncoding(StandardCharsets.UTF_8.name());
            response.getOutputStream()
                    .write(WireJson.MAPPER.writeValueAsBytes(ErrorBody.of(Dialect.EITHER, status, failure, id)));
            response.finishResponse();
        } catch (IOException e) {
            // The client has gone; nobody is left to tell.
        }
    }
}
