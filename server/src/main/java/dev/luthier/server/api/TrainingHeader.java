package dev.luthier.server.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header by which any client of either dialect says how a job is to be trained:
 * {@code Luthier-Training: rank=32, targets=q_proj+v_proj}. Several such headers count as one.
 *
 * @param pairs as they came, without surrounding blanks; empty when there is no such header
 */
public record TrainingHeader(List<String> pairs) {
    public static final String NAME = "Luthier-Training";

    public TrainingHeader {
        pairs = List.copyOf(pairs);
    }

    static TrainingHeader of(HttpServletRequest request) {
        return new TrainingHeader(Collections.list(request.getHeaders(NAME)).stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1))).map(String::strip)
                .filter(pair -> !pair.isEmpty()).toList());
    }

    /** All that it says; null when there is no such header. For telling requests apart. */
    static @Nullable String textOf(HttpServletRequest request) {
        List<String> pairs = of(request).pairs();
        return pairs.isEmpty() ? null : String.join(",", pairs);
    }
}
