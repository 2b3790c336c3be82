package dev.luthier.server.job;

import java.util.UUID;

/**
 * A file that a job reads.
 *
 * @param weight share of sampled sequences is proportional to it; 1 for validation files
 * @param sha256 lower-case hex of its bytes when the job was accepted
 */
public record JobFile(UUID id, double weight, String sha256) {}
