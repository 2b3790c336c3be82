package dev.luthier.server.job;

import dev.luthier.core.problem.Problem;
import java.util.List;
import java.util.Map;

/** Reads a job's files in full and makes its plan. Runs for as long as the files are large; an interrupt ends it. */
public interface DataCheck {

    /**
     * @throws InterruptedException when it was interrupted
     * @throws dev.luthier.core.problem.ProblemException when something other than the data is wrong, such as a base
     *     model that cannot be read
     */
    Result check(JobRequest request) throws InterruptedException;

    /** What reading the data came to. */
    sealed interface Result {

        /** @param notes what the user should know although the data is valid */
        record Valid(JobPlan plan, List<Note> notes) implements Result {
            public Valid {
                notes = List.copyOf(notes);
            }
        }

        /**
         * @param facts for the event: the listed faults by file and line, and how many there are in all
         */
        record Invalid(Problem problem, Map<String, Object> facts) implements Result {
            public Invalid {
                facts = Map.copyOf(facts);
            }
        }
    }

    /** A warning or remark, with facts for the event. */
    record Note(JobEvent.Level level, String message, Map<String, Object> facts) {
        public Note {
            facts = Map.copyOf(facts);
        }
    }
}
