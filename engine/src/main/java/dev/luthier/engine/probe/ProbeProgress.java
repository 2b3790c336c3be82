package dev.luthier.engine.probe;

import java.io.PrintStream;
import java.util.Locale;

/** One line on a terminal that says what a probe does and for how long already. */
final class ProbeProgress implements AutoCloseable {
    private static final String FRESH_LINE = "\r\033[K";

    private final PrintStream out;
    private final boolean shown;
    private final long start = System.nanoTime();

    /** @param shown whether a person watches */
    ProbeProgress(PrintStream out, boolean shown) {
        this.out = out;
        this.shown = shown;
    }

    /** On standard error if that is a terminal, as the launcher alone can tell. */
    static ProbeProgress onTerminal() {
        return new ProbeProgress(System.err, "1".equals(System.getenv("LUTHIER_PROGRESS")));
    }

    void show(String what) {
        if (shown) {
            out.print(FRESH_LINE
                    + String.format(Locale.ROOT, "probe: %s, %.0f s", what, (System.nanoTime() - start) / 1e9));
            out.flush();
        }
    }

    /** Makes room for the result. */
    @Override
    public void close() {
        if (shown) {
            out.print(FRESH_LINE);
            out.flush();
        }
    }
}
