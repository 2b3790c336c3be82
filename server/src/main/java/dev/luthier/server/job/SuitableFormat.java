package dev.luthier.server.job;

import dev.luthier.core.data.DataFormat;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.Task;
import dev.luthier.server.job.FileDataCheck.CheckedFile;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The rule that a job's files hold the samples that its method trains on; told in the words of OpenAI's service. */
final class SuitableFormat {
    private SuitableFormat() {}

    /** What is wrong with the first file of a format that does not suit; files that show no format have other faults. */
    static Optional<Problem> fault(JobRequest request, Task task, List<CheckedFile> files) {
        for (CheckedFile file : files) {
            DataFormat format = file.report().format();
            if (format != null && !format.suits(task)) {
                return Optional.of(Problem.user("invalid_data",
                        message(file.file().id(), format, request.method()), request.role(file.file())));
            }
        }
        return Optional.empty();
    }

    private static String message(UUID file, DataFormat format, Method method) {
        return switch (format) {
            case CHAT -> ofAnother(file, "fine-tune-chat", "supervised", method);
            case PRETRAIN -> ofAnother(file, "fine-tune-text", "supervised", method);
            case PAIR -> ofAnother(file, "fine-tune-preference", "dpo", method);
            case LABELLED ->
                "file " + file + " holds classification data; create the job with job_type \"classifier\".";
        };
    }

    private static String ofAnother(UUID file, String format, String suited, Method method) {
        String given = switch (method) {
            case Method.Supervised _ -> "supervised";
            case Method.Preference _ -> "dpo";
            case Method.Classification _ -> "classifier";
        };
        return "Invalid file format. Input file " + file + " is in the " + format
                + " format, but the specified fine-tuning"
                + " job is not using '" + suited + "' as the training method (provided method=" + given + ").";
    }
}
