package dev.luthier.server.api;

import dev.luthier.core.data.DataFault;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.file.InvalidFile;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Turns whatever a request handler throws into a status and faults. The one place where problems become statuses. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    /** Problems that are not plainly "the parameters are wrong". */
    private static final Map<String, Integer> STATUS = Map.ofEntries(Map.entry("file_not_found", 404),
            Map.entry("job_not_found", 404), Map.entry("model_not_found", 404), Map.entry("key_not_found", 404),
            Map.entry("role_too_strong", 403), Map.entry("model_of_other_project", 403),
            Map.entry("last_admin_key", 409), Map.entry("job_not_validated", 409), Map.entry("job_not_pausable", 409),
            Map.entry("job_not_paused", 409), Map.entry("job_not_final", 409), Map.entry("name_taken", 409),
            Map.entry("model_in_use", 409),
            Map.entry("model_not_removable", 409), Map.entry("upload_busy", 409),
            Map.entry("file_too_large", 413), Map.entry("too_many_requests", 429),
            Map.entry(StorageFault.FULL.code(), 507));

    /** Faults of what is stored, which the caller is told of by name. */
    private static final Set<String> DAMAGED = Set.of("adapter_damaged", "file_damaged", "job_unreadable");

    private Failures() {}

    static ApiFailure of(Throwable thrown, HttpServletRequest request) {
        return switch (thrown) {
            case ApiFailure failure -> failure;
            case InvalidFile e -> ApiFailure.invalid(e.report().faults().stream().map(Failures::of).toList(),
                    e.report().faultCount());
            case ProblemException e -> of(e.problem(), e, request);
            case HttpRequestMethodNotSupportedException e -> {
                String allowed = String.join(", ", Objects.requireNonNullElse(e.getSupportedMethods(), new String[0]));
                yield ApiFailure.of(405, "method_not_allowed",
                        "The method " + e.getMethod() + " is not allowed here. Use " + allowed + ".",
                        Map.of("Allow", allowed));
            }
            case NoResourceFoundException e -> UnknownRoutes.failure(request);
            case NoHandlerFoundException e -> UnknownRoutes.failure(request);
            case HttpMediaTypeNotAcceptableException e -> ApiFailure.of(406, "not_acceptable",
                    "This route cannot answer in any type that the Accept header names.");
            default -> unusableFile(thrown).map(fault -> unusable(fault, request))
                    .orElseGet(() -> unexpected(thrown, request));
        };
    }

    /** The file that could not be used, if that is what lies behind something thrown. */
    private static Optional<FileSystemException> unusableFile(Throwable thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof FileSystemException fault && fault.getFile() != null) {
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }

    private static ApiFailure unusable(FileSystemException fault, HttpServletRequest request) {
        LOG.error("{}: {} {} failed", RequestId.of(request), request.getMethod(), request.getRequestURI(), fault);
        return ApiFailure.of(503, "file_unusable", "The server cannot use its file " + fault.getFile() + ": "
                + RegularFiles.reason(fault) + ". Whoever runs the server must repair that.");
    }

    private static Fault of(DataFault fault) {
        List<Object> location = new ArrayList<>(List.of("body", "file"));
        if (fault.line() > 0) {
            location.add((int) Math.min(Integer.MAX_VALUE, fault.line()));
        }
        if (!fault.pointer().isEmpty()) {
            location.add(fault.pointer());
        }
        return new Fault("invalid_file", fault.toString(), location);
    }

    private static ApiFailure of(Problem problem, ProblemException thrown, HttpServletRequest request) {
        return switch (problem.kind()) {
            case USER -> {
                Integer status = STATUS.get(problem.code());
                yield status == null
                        ? ApiFailure.invalid(List.of(Fault.of(problem)))
                        : ApiFailure.of(status, problem.code(), problem.message());
            }
            case RESOURCE -> ApiFailure.of(STATUS.getOrDefault(problem.code(), 503), problem.code(), problem.message());
            case INTERNAL -> DAMAGED.contains(problem.code())
                    ? damaged(problem, request)
                    : unexpected(thrown, request);
        };
    }

    /* Repeating the request does not repair a file. */
    private static ApiFailure damaged(Problem problem, HttpServletRequest request) {
        LOG.error("{}: {}", RequestId.of(request), problem.message());
        return ApiFailure.of(500, problem.code(), problem.message(), Map.of(ErrorWriter.SHOULD_RETRY, "false"));
    }

    private static ApiFailure unexpected(Throwable thrown, HttpServletRequest request) {
        String id = RequestId.of(request);
        LOG.error("{}: {} {} failed", id, request.getMethod(), request.getRequestURI(), thrown);
        return ApiFailure.of(500, "internal_error",
                "Something went wrong in the server. Its log has the details under the request id " + id + ".");
    }
}
