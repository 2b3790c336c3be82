package dev.luthier.server.api;

import dev.luthier.server.config.ServerPaths;
import java.util.List;
import java.util.Map;

/** A request that cannot be served, with the status that says so. Thrown by the API layer only. */
public final class ApiFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient List<Fault> faults;
    private final long total;
    private final transient Map<String, String> headers;

    private ApiFailure(int status, List<Fault> faults, long total, Map<String, String> headers) {
        super(faults.getFirst().message());
        this.status = status;
        this.faults = List.copyOf(faults);
        this.total = total;
        this.headers = Map.copyOf(headers);
    }

    /** One fault that is not tied to a parameter. */
    public static ApiFailure of(int status, String code, String message) {
        return new ApiFailure(status, List.of(new Fault(code, message, List.of())), 1, Map.of());
    }

    /** One fault of a part of the request. */
    public static ApiFailure of(int status, Fault fault) {
        return new ApiFailure(status, List.of(fault), 1, Map.of());
    }

    /** One fault with extra response headers, such as {@code Retry-After}. */
    public static ApiFailure of(int status, String code, String message, Map<String, String> headers) {
        return new ApiFailure(status, List.of(new Fault(code, message, List.of())), 1, headers);
    }

    /** Parameters or data that are wrong: status 400, or 422 on Mistral's inference routes. */
    public static ApiFailure invalid(List<Fault> faults) {
        return new ApiFailure(400, faults, faults.size(), Map.of());
    }

    /** The same when only the first faults of many are listed. */
    public static ApiFailure invalid(List<Fault> faults, long total) {
        return new ApiFailure(400, faults, total, Map.of());
    }

    /** The same for people who must not know where the server keeps its files. */
    ApiFailure withoutPaths() {
        return new ApiFailure(status, faults.stream()
                .map(fault -> new Fault(fault.code(), ServerPaths.hide(fault.message()), fault.location())).toList(),
                total, headers);
    }

    public int status() {
        return status;
    }

    public List<Fault> faults() {
        return faults;
    }

    /** How many faults there are, listed or not. */
    public long total() {
        return total;
    }

    public Map<String, String> headers() {
        return headers;
    }
}
