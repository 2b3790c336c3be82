package dev.luthier.server.serve;

import java.nio.file.Path;

/**
 * An adapter as workers know it.
 *
 * @param name unique for ever, so that it always means the same weights
 * @param directory in PEFT layout
 */
public record AdapterReference(String name, Path directory) {}
