package dev.luthier.server.api;

import dev.luthier.core.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a request.
 *
 * @param code stable name in snake case, for example {@code missing_field}
 * @param message what is wrong and what to do
 * @param location {@code "body"}, {@code "query"}, {@code "path"} or {@code "header"}, then names and list indices;
 *     empty when no part of the request is at fault
 */
public record Fault(String code, String message, List<Object> location) {
    public Fault {
        location = List.copyOf(location);
    }

    public static Fault of(Problem problem) {
        List<Object> location = new ArrayList<>();
        if (problem.param() != null) {
            location.add("body");
            location.addAll(List.of(problem.param().split("\\.", -1)));
        }
        return new Fault(problem.code(), problem.message(), location);
    }

    /** The location as people write it: {@code training_files[0].weight}, or {@code file[42]/messages/0}; null when there is none. */
    public @Nullable String parameter() {
        StringBuilder text = new StringBuilder();
        for (Object step : location.subList(Math.min(1, location.size()), location.size())) {
            if (step instanceof Integer index) {
                text.append('[').append(index).append(']');
            } else {
                text.append(text.isEmpty() || step.toString().startsWith("/") ? "" : ".").append(step);
            }
        }
        return text.isEmpty() ? null : text.toString();
    }
}
