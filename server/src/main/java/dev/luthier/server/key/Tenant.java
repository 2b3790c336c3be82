package dev.luthier.server.key;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose objects a query may find: those of one project, or of a whole organization. Every query for files, uploads and
 * jobs takes one, and has its conditions from here.
 *
 * @param organization {@code org-...}
 * @param project {@code proj_...}; null for all projects of the organization
 */
public record Tenant(String organization, @Nullable String project) {

    /** All projects of an organization. */
    public static Tenant ofOrganization(String organization) {
        return new Tenant(organization, null);
    }

    /** Whether an object of these owners is the tenant's. */
    public boolean owns(String ownerOrganization, String ownerProject) {
        return organization.equals(ownerOrganization) && (project == null || project.equals(ownerProject));
    }

    /** The condition on a table's {@code organization_id} and {@code project_id}; {@link #parameters} has its values. */
    public String sql() {
        return "organization_id = :organization" + (project == null ? "" : " and project_id = :project");
    }

    /** The values of {@link #sql} by name. */
    public Map<String, String> parameters() {
        return project == null
                ? Map.of("organization", organization)
                : Map.of("organization", organization, "project", project);
    }
}
