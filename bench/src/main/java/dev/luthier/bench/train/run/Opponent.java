package dev.luthier.bench.train.run;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A peer, or none, that may fail: then it does nothing any more and says why. */
final class Opponent implements AutoCloseable {
    private final @Nullable PeerProgram program;
    private @Nullable String failure;

    Opponent(@Nullable PeerProgram program) {
        this.program = program;
    }

    static Opponent none() {
        return new Opponent(null);
    }

    private boolean plays() {
        return program != null && failure == null;
    }

    void play(Match match, int round) throws IOException, InterruptedException {
        if (program != null && plays()) {
            try {
                match.play(program, round);
            } catch (ProgramFailed failed) {
                fail(program, failed);
            }
        }
    }

    void finish() throws IOException, InterruptedException {
        if (program != null && plays()) {
            try {
                program.finish();
            } catch (ProgramFailed failed) {
                fail(program, failed);
            }
        }
    }

    /** Its memory is wanted by others. */
    private void fail(PeerProgram failing, ProgramFailed why) throws InterruptedException {
        failure = why.why();
        failing.close();
    }

    @Nullable
    String failure() {
        return failure;
    }

    MatchResult.@Nullable Figures figures(Match match) {
        return program != null && plays() ? match.figures(program) : null;
    }

    Map<String, String> versions() {
        return program == null ? Map.of() : program.versions();
    }

    Map<String, String> settings() {
        return program == null ? Map.of() : program.settings();
    }

    @Override
    public void close() throws InterruptedException {
        if (program != null) {
            program.close();
        }
    }
}
