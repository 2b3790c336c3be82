package dev.luthier.core.data;

import dev.luthier.core.chat.TemplateNote;
import dev.luthier.core.problem.Problem;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What became of a {@link DataEncoding}: a report or a problem.
 *
 * @param report when the file was read to its end
 * @param notes what the user should know of how the file's conversations are rendered
 * @param problem when it cannot be encoded at all
 */
record EncodingReply(@Nullable DataReport report, List<TemplateNote> notes, @Nullable Problem problem) {
    static EncodingReply of(Problem problem) {
        return new EncodingReply(null, List.of(), problem);
    }
}
