package dev.luthier.server.file;

import java.util.UUID;

/**
 * Some bytes of a file that arrives in parts.
 *
 * @param createdAt epoch milliseconds
 */
public record UploadPart(UUID id, UUID upload, long sizeBytes, long createdAt) {}
