package dev.luthier.server.serve;

import dev.luthier.server.model.AdapterFiles;
import java.nio.file.Path;

/**
 * An adapter as workers know it.
 *
 * @param name unique for ever, so that it always means the same weights
 * @param directory in PEFT layout
 * @param model its model's name, for people
 * @param sha256 lower-case hex of its weights
 */
public record AdapterReference(String name, Path directory, String model, String sha256) {

    /** @throws dev.luthier.core.problem.ProblemException INTERNAL {@code adapter_damaged}, naming the model */
    void requireSound() {
        AdapterFiles.requireSound(model, directory, sha256);
    }
}
