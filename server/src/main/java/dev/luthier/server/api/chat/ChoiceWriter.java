package dev.luthier.server.api.chat;

import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.serve.AnswerStream;
import java.io.IOException;

/** Takes the pieces of several answers as they come, and each answer's end. */
public interface ChoiceWriter {

    /** @param index of the answer, from 0 */
    void piece(int index, AnswerStream.Piece piece) throws IOException;

    /** The answer has ended; its reason and its tool calls are known. */
    void end(int index, AnswerStream answer) throws IOException;

    /** The answer broke off; throwing the fault ends the others too. */
    void fault(int index, ProblemException fault) throws IOException;
}
