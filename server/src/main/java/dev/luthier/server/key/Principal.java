package dev.luthier.server.key;

import java.util.UUID;

/**
 * Who makes a request. Every query carries the organization; what another organization owns does not exist for it.
 *
 * @param keyId the API key that was shown
 * @param organization {@code org-...}
 * @param project {@code proj_...}, within the organization
 */
public record Principal(UUID keyId, String organization, String project, Role role) {}
