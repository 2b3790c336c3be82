package dev.luthier.server.model;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which projects of an organization may use a fine-tuned model of another project. Asked only where models belong to
 * their project. Safe for use by several threads.
 */
public final class ModelPermissions {
    private final Database database;
    private final InstantSource clock;

    public ModelPermissions(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** @param project {@code proj_...} */
    public record Permission(UUID id, String project, long createdAtMillis) {}

    /**
     * Gives projects the use of a model. One that has it keeps its permission.
     *
     * @return the permission of each project, in their order
     * @throws dev.luthier.core.problem.ProblemException USER {@code unknown_project}, naming every one that the model's
     *     organization does not have; then none is given
     */
    public List<Permission> grant(FineTunedModel model, List<String> projects) {
        Set<String> distinct = new LinkedHashSet<>(projects);
        return database.write(client -> {
            List<String> unknown = distinct.stream().filter(project -> !exists(client, model, project)).toList();
            if (!unknown.isEmpty()) {
                throw Problem.user("unknown_project", "Your organization has no project " + String.join(", ", unknown)
                        + ". GET /luthier/v1/keys shows the projects of all keys.", "project_ids").asException();
            }
            distinct.forEach(project -> client.sql("""
                    insert into model_permissions (id, model_id, project_id, created_at)
                    values (:id, :model, :project, :now) on conflict (model_id, project_id) do nothing""")
                    .param("id", UUID.randomUUID().toString()).param("model", model.uuid().toString())
                    .param("project", project).param("now", clock.millis()).update());
            return distinct.stream().map(project -> of(client, model.uuid(), project).orElseThrow()).toList();
        });
    }

    private static boolean exists(JdbcClient client, FineTunedModel model, String project) {
        return client.sql("select count(*) from projects where id = :project and organization_id = :organization")
                .param("project", project).param("organization", model.organization()).query(Long.class).single() == 1;
    }

    private static Optional<Permission> of(JdbcClient client, UUID model, String project) {
        return client.sql("select * from model_permissions where model_id = :model and project_id = :project")
                .param("model", model.toString()).param("project", project).query(ModelPermissions::permission)
                .optional();
    }

    /** Whether a project was given the use of a model. */
    public boolean allows(UUID model, String project) {
        return of(database.reader(), model, project).isPresent();
    }

    /** The models that a project was given the use of. */
    public Set<UUID> of(String project) {
        return database.reader().sql("select model_id from model_permissions where project_id = :project")
                .param("project", project).query(String.class).list().stream().map(UUID::fromString)
                .collect(Collectors.toSet());
    }

    /** The permission of an id. */
    public Optional<Permission> find(UUID model, UUID id) {
        return database.reader().sql("select * from model_permissions where model_id = :model and id = :id")
                .param("model", model.toString()).param("id", id.toString()).query(ModelPermissions::permission)
                .optional();
    }

    /**
     * A model's permissions by the time they were given.
     *
     * @param project only this project's; null for all
     * @param oldestFirst the order
     * @param after the one that the list follows; null for the first
     */
    public List<Permission> list(UUID model, @Nullable String project, boolean oldestFirst, @Nullable Permission after,
            int limit) {
        String order = oldestFirst ? "asc" : "desc";
        String beyond = oldestFirst ? ">" : "<";
        return database.reader().sql("select * from model_permissions where model_id = :model"
                + " and (:project is null or project_id = :project)"
                + (after == null ? "" : " and (created_at, id) " + beyond + " (:time, :id)")
                + " order by created_at " + order + ", id " + order + " limit :limit").param("model", model.toString())
                .param("project", project).param("limit", limit)
                .param("time", after == null ? 0 : after.createdAtMillis())
                .param("id", after == null ? "" : after.id().toString()).query(ModelPermissions::permission).list();
    }

    /** Takes a permission back; false when there was none. */
    public boolean revoke(UUID model, UUID id) {
        return database.write(client -> client
                .sql("delete from model_permissions where model_id = :model and id = :id")
                .param("model", model.toString()).param("id", id.toString()).update() > 0);
    }

    private static Permission permission(ResultSet row, int index) throws SQLException {
        return new Permission(UUID.fromString(row.getString("id")), row.getString("project_id"),
                row.getLong("created_at"));
    }
}
