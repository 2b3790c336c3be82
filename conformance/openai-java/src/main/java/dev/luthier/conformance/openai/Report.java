package dev.luthier.conformance.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.core.http.Headers;
import com.openai.errors.OpenAIServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** Prints one line for each check, which the harness collects. */
final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();

    private boolean failed;

    /** A check; it throws when it fails. */
    interface Check {
        void run() throws Exception;
    }

    /** Says which package is driven, and in which version. */
    void sdk() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Objects.requireNonNull(Report.class.getResourceAsStream("/sdk.properties"))) {
            properties.load(in);
        }
        print("SDK", Map.of("package", "openai-java", "version", properties.getProperty("version")));
    }

    /** Runs one check; a check that fails does not keep the following ones from running. */
    void check(String route, Check check) {
        try {
            check.run();
            print("RESULT", Map.of("route", route, "result", "pass"));
        } catch (Exception | AssertionError e) {
            failed = true;
            StringWriter reason = new StringWriter();
            e.printStackTrace(new PrintWriter(reason, true));
            print("RESULT", Map.of("route", route, "result", "fail", "reason", reason.toString()));
        }
    }

    boolean failed() {
        return failed;
    }

    static void require(boolean held, Object shown) {
        if (!held) {
            throw new AssertionError(String.valueOf(shown));
        }
    }

    static void same(Object actual, Object expected) {
        require(actual.equals(expected), "expected " + expected + ", got " + actual);
    }

    /** Expects the SDK's exception for a status, with a message that contains a text. */
    static void fails(Class<? extends OpenAIServiceException> type, int status, String text, Check check)
            throws Exception {
        try {
            check.run();
        } catch (OpenAIServiceException e) {
            require(type.isInstance(e), e.getClass() + ": " + e.getMessage());
            same(e.statusCode(), status);
            require(String.valueOf(e.getMessage()).contains(text), e);
            require(e.type().isPresent(), "the error has no type");
            Headers headers = e.headers();
            require(!headers.values("x-request-id").isEmpty(), "no x-request-id");
            return;
        }
        throw new AssertionError("nothing was thrown");
    }

    private static void print(String word, Map<String, String> value) {
        try {
            System.out.println(word + " " + JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
