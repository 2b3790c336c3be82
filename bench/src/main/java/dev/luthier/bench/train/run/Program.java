package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A training program that tells when a step is done, and is measured from outside. For one thread. */
abstract class Program implements AutoCloseable {
    private static final long POLL_MILLIS = 10;
    private static final int POLLS_PER_LOOK_AT_MEMORY = 50;
    private static final long END_SECONDS = 120;

    private final ChildProcess process;
    private final List<StepMark> marks = new ArrayList<>();

    Program(ChildProcess process) {
        this.process = process;
    }

    /** Steps that were told since the last call. */
    abstract List<StepMark> newMarks() throws IOException;

    /** Called once, when the program has ended well. */
    abstract void checkEnd() throws IOException, ProgramFailed;

    /** What the program itself says about its most resident memory; 0 if it says nothing. */
    long toldPeakBytes() {
        return 0;
    }

    /** Seconds of work from before the first step that some steps have their share in. */
    double secondsBefore(int steps) {
        return 0;
    }

    ChildProcess process() {
        return process;
    }

    /**
     * Lets the program run until a step is done, then stops it.
     *
     * @param limitSeconds that one step may take
     */
    void runTo(int step, long limitSeconds) throws IOException, InterruptedException, ProgramFailed {
        process.resume();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
        int polls = 0;
        while (lastStep() < step) {
            boolean alive = process.isAlive();
            List<StepMark> found = newMarks();
            if (!found.isEmpty()) {
                marks.addAll(found);
                deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
            } else if (!alive) {
                throw process.failure("");
            } else if (System.nanoTime() > deadline) {
                throw process.failure("made no step within " + limitSeconds + " s");
            } else {
                Thread.sleep(POLL_MILLIS);
            }
            if (polls++ % POLLS_PER_LOOK_AT_MEMORY == 0) {
                process.readPeak();
            }
        }
        process.stop();
    }

    /** Lets the program do what is left after its last step, and end. */
    void finish() throws IOException, InterruptedException, ProgramFailed {
        process.resume();
        if (!process.ends(END_SECONDS)) {
            throw process.failure("did not end within " + END_SECONDS + " s of its last step");
        }
        if (process.exitCode() != 0) {
            throw process.failure("");
        }
        checkEnd();
    }

    private int lastStep() {
        return marks.isEmpty() ? 0 : marks.getLast().step();
    }

    /**
     * What was done from one step to another, both told already.
     *
     * @param after the step whose end is the start, at least 1
     * @param last the step whose end is the end
     */
    Round round(int after, int last) {
        StepMark start = mark(after);
        StepMark end = mark(last);
        return new Round(end.tokens() - start.tokens(), end.targets() - start.targets(),
                process.pauses().running(start.timeMillis(), end.timeMillis()) / 1e3 + secondsBefore(last - after));
    }

    private StepMark mark(int step) {
        return marks.stream().filter(mark -> mark.step() == step).findFirst().orElseThrow();
    }

    /** Fails unless all steps together were about the data, once. */
    void checkWork(BenchData data) throws ProgramFailed {
        StepMark total = marks.getLast();
        if (total.tokens() != data.tokens() || total.targets() != data.targets()) {
            throw new ProgramFailed("trained on " + total.tokens() + " tokens, " + total.targets()
                    + " of them targets, where the data has " + data.tokens() + " and " + data.targets(),
                    process.log());
        }
    }

    long peakBytes() {
        return Math.max(process.peakBytes(), toldPeakBytes());
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
