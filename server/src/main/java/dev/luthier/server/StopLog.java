package dev.luthier.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Writes into the log that the server has stopped: the last of all parts to do so. */
final class StopLog implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(StopLog.class);

    private volatile boolean running;

    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        LOG.info("stopped");
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
