package dev.luthier.core.job;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where a job stands. Each state knows the states that may follow; a state without successors is final and never
 * moves. What clients see of a state is decided by each dialect's mapper.
 */
public enum JobState {
    /** Accepted and stored. */
    RECEIVED {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(VALIDATING, CANCELLED);
        }
    },
    /** Files are read line by line, tokens counted, an estimate made. */
    VALIDATING {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(VALIDATED, WAITING, INVALID, FAILED, CANCELLED);
        }
    },
    /** Valid, and waits for an explicit start. */
    VALIDATED {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(WAITING, INVALID, CANCELLED);
        }
    },
    /** In the run queue; after RUNNING this is a retry, a requeue or a server stop. */
    WAITING {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(STARTING, PAUSED, FAILED, CANCELLED);
        }
    },
    /** The process is started and the model is loading. */
    STARTING {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(RUNNING, PAUSING, CANCELLING, WAITING, FAILED);
        }
    },
    /** Steps are being made. */
    RUNNING {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(SUCCEEDED, PAUSING, CANCELLING, WAITING, FAILED);
        }
    },
    /** Asked to stop; the process is still there. */
    PAUSING {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(PAUSED, SUCCEEDED, CANCELLING, FAILED);
        }
    },
    /** A checkpoint is written and there is no process. */
    PAUSED {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(WAITING, CANCELLED);
        }
    },
    /** Asked to cancel; the process is still there. */
    CANCELLING {
        @Override
        public Set<JobState> next() {
            return EnumSet.of(CANCELLED);
        }
    },
    SUCCEEDED, FAILED, INVALID, CANCELLED;

    /** The states that may follow this one; empty for a final state. */
    public Set<JobState> next() {
        return EnumSet.noneOf(JobState.class);
    }

    public boolean isFinal() {
        return next().isEmpty();
    }
}
