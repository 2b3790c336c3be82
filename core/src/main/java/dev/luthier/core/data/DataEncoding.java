package dev.luthier.core.data;

import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.run.Task;
import java.nio.file.Path;
import java.util.List;

/**
 * A data file to be encoded for a model.
 *
 * @param model directory of the model
 * @param targets whose labels samples may have; empty while they are not known, or for samples without labels
 * @param maxSampleTokens a longer sequence is a fault
 * @param threads that encode
 * @param lineSeconds how long the chat template, and the tokenizer, may each take for one line
 */
public record DataEncoding(Path model, Path file, List<Task.Target> targets, int maxSampleTokens, int threads,
        int lineSeconds) {
    public DataEncoding {
        targets = List.copyOf(targets);
    }

    /**
     * A file that was read to its end.
     *
     * @param notes what the user should know of how its conversations are rendered; warnings first
     */
    public record Result(DataReport report, List<TemplateNote> notes) {
        public Result {
            notes = List.copyOf(notes);
        }
    }

    DataEncoding onOneThread() {
        return new DataEncoding(model, file, targets, maxSampleTokens, 1, lineSeconds);
    }
}
