package dev.luthier.server.job;

import dev.luthier.core.data.DataFormat;
import dev.luthier.core.data.DataReport;
import dev.luthier.core.problem.Problem;
import java.util.Optional;
import java.util.UUID;

/**
 * The rule that a job's files hold the samples that its method trains on; told in the words of the API that has
 * such files.
 */
final class SuitableFormat {
    private SuitableFormat() {}

    /** What is wrong with a file of a format that does not suit; one that shows no format has other faults. */
    static Optional<Problem> fault(JobRequest request, JobFile file, DataReport report) {
        DataFormat format = report.format();
        return format == null || format.suits(Method.task(request.method()))
                ? Optional.empty()
                : Optional.of(Problem.user("invalid_data", message(file.id(), format, request.method()),
                        request.role(file)));
    }

    private static String message(UUID file, DataFormat format, Method method) {
        if (method instanceof Method.Classification) {
            return "file " + file + " holds no classification data; give its lines labels, or create the job with"
                    + " job_type \"completion\".";
        }
        return switch (format) {
            case CHAT -> ofAnother(file, "fine-tune-chat", "supervised", method);
            case PRETRAIN -> ofAnother(file, "fine-tune-text", "supervised", method);
            case PAIR -> ofAnother(file, "fine-tune-preference", "dpo", method);
            case LABELLED ->
                "file " + file + " holds classification data; create the job with job_type \"classifier\".";
        };
    }

    private static String ofAnother(UUID file, String format, String suited, Method method) {
        return "Invalid file format. Input file " + file + " is in the " + format
                + " format, but the specified fine-tuning job is not using '" + suited
                + "' as the training method (provided method="
                + (method instanceof Method.Preference ? "dpo" : "supervised") + ").";
    }
}
