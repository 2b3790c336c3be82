package dev.luthier.server.launch;

/**
 * A started process, recognisable also by a later server.
 *
 * @param launcher name of the launcher that started it
 * @param pid process id on this host
 * @param startMillis when the process started, in epoch milliseconds, to tell it from a later one of the same id
 */
public record RunHandle(String launcher, long pid, long startMillis) {}
