package dev.luthier.server.key;

import java.util.UUID;

/**
 * Who makes a request. Every query carries {@link #sees}; what another tenant owns does not exist for the caller.
 *
 * @param keyId the API key that was shown
 * @param organization {@code org-...}
 * @param project {@code proj_...}, within the organization; owns what the caller makes
 * @param sees whose files and jobs the caller finds: its project's, or its organization's
 */
public record Principal(UUID keyId, String organization, String project, Role role, Tenant sees) {

    /**
     * A caller who sees its own project only, or all of its organization.
     *
     * @param isolated whether projects do not see each other; administrators see them all the same
     */
    public static Principal of(UUID keyId, String organization, String project, Role role, boolean isolated) {
        return new Principal(keyId, organization, project, role,
                new Tenant(organization, isolated && !role.seesAllProjects() ? project : null));
    }
}
