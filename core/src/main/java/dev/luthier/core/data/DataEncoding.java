package dev.luthier.core.data;

import dev.luthier.core.chat.TemplateNote;
import java.nio.file.Path;
import java.util.List;

/**
 * A data file to be encoded for a model.
 *
 * @param model directory of the model
 * @param maxSampleTokens a longer sample is a fault
 * @param threads that encode
 * @param lineSeconds how long the chat template, and the tokenizer, may each take for one line
 */
public record DataEncoding(Path model, Path file, int maxSampleTokens, int threads, int lineSeconds) {

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
        return new DataEncoding(model, file, maxSampleTokens, 1, lineSeconds);
    }
}
