package dev.luthier.server.job;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.model.ModelRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a job needs to be there whenever it goes on: its base model and the bytes of its files. */
final class Prerequisites {
    private final ModelRegistry models;
    private final Function<UUID, Path> bytesOfFile;

    /** @param bytesOfFile where the bytes of a file lie, by its id */
    Prerequisites(ModelRegistry models, Function<UUID, Path> bytesOfFile) {
        this.models = models;
        this.bytesOfFile = bytesOfFile;
    }

    /** The first thing that is no longer there. */
    Optional<Problem> missing(JobRequest request) {
        if (models.base(request.baseModel()).isEmpty()) {
            return Optional.of(modelGone(request));
        }
        return Stream.concat(request.trainingFiles().stream(), request.validationFiles().stream())
                .filter(file -> !Files.isRegularFile(bytesOfFile.apply(file.id()))).findFirst()
                .map(file -> Problem.user("file_bytes_missing", "The content of file " + file.id()
                        + " is no longer in the data directory. Upload it again and create the job anew.",
                        request.role(file)));
    }

    /** @throws dev.luthier.core.problem.ProblemException USER, when the base model is no longer there */
    BaseModel base(JobRequest request) {
        return models.base(request.baseModel()).orElseThrow(() -> modelGone(request).asException());
    }

    private Problem modelGone(JobRequest request) {
        return Problem.user("base_model_gone",
                "The base model " + request.baseModel() + models.fault(request.baseModel())
                        .map(fault -> " cannot be used any more: " + fault).orElse(" is no longer there.")
                        + " Put it back under models/ and create the job anew.",
                "model");
    }
}
