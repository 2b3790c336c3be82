package dev.luthier.server.launch;

import dev.luthier.core.run.RunDirectory;
import dev.luthier.core.run.TrainerProcess;

/**
 * The one interface to where runs run. A started trainer outlives the server that started it; any later server finds
 * it by its handle. Safe for use by several threads.
 */
public interface Launcher {

    /**
     * Starts {@code luthier train} on a prepared run directory and returns at once; its output is appended to the
     * directory's log.
     *
     * @param threads OpenMP threads of the trainer
     * @throws dev.luthier.core.problem.ProblemException RESOURCE, when no process could be started
     */
    RunHandle start(RunDirectory run, int threads);

    /** The handle of a trainer that has noted itself in its run directory, whoever started it. */
    RunHandle handleOf(TrainerProcess trainer);

    /** Whether the process is still there. */
    boolean isAlive(RunHandle handle);

    /** Ends the process at once, without a checkpoint; does nothing when it is gone. */
    void kill(RunHandle handle);
}
