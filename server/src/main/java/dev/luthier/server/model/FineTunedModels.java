package dev.luthier.server.model;

import dev.luthier.core.json.StoredJson;
import dev.luthier.core.run.Task;
import dev.luthier.server.store.Database;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Fine-tuned models in the database. Safe for use by several threads. */
public final class FineTunedModels {
    private static final StoredJson<Task.Classification> CLASSIFIER = StoredJson.of(Task.Classification.class);

    private final Database database;
    private final Path adapters;

    /** @param adapters holds an adapter directory per model, named by its key */
    public FineTunedModels(Database database, Path adapters) {
        this.database = database;
        this.adapters = adapters;
    }

    /** Adds a model inside a write transaction. */
    public void insert(JdbcClient client, FineTunedModel model) {
        client.sql(
                """
                        insert into fine_tuned_models (id, organization_id, project_id, mistral_name, openai_name, base_model,
                            root, job_id, step, classifier, adapter_sha256, archived, name, description, created_at)
                        values (:id, :organization, :project, :mistralName, :openaiName, :baseModel, :root, :job, :step,
                            :classifier, :sha256, 0, :name, :description, :now)""")
                .param("id", model.uuid().toString())
                .param("organization", model.organization()).param("project", model.project())
                .param("mistralName", model.mistralName()).param("openaiName", model.openaiName())
                .param("baseModel", model.baseName()).param("root", model.root())
                .param("job", model.job() == null ? null : model.job().toString())
                .param("step", model.step())
                .param("classifier", model.classifier() == null ? null : CLASSIFIER.write(model.classifier()))
                .param("sha256", model.adapterSha256()).param("name", model.name())
                .param("description", model.description()).param("now", model.createdAtMillis()).update();
    }

    /** Adds a model in a transaction of its own. */
    public void insert(FineTunedModel model) {
        database.writeVoid(client -> insert(client, model));
    }

    /** The organization's model by either of its public names. */
    public Optional<FineTunedModel> find(String organization, String name) {
        return database.reader().sql("""
                select * from fine_tuned_models
                where organization_id = :organization and (mistral_name = :name or openai_name = :name)""")
                .param("organization", organization).param("name", name).query(this::model).optional();
    }

    public Optional<FineTunedModel> find(UUID id) {
        return database.reader().sql("select * from fine_tuned_models where id = :id").param("id", id.toString())
                .query(this::model).optional();
    }

    /** The adapters of a job's epochs that are models, the latest first. For use inside a transaction too. */
    public List<FineTunedModel> snapshots(JdbcClient client, UUID job) {
        return client.sql("select * from fine_tuned_models where job_id = :job and step is not null order by step desc")
                .param("job", job.toString()).query(this::model).list();
    }

    /** The organization's models, newest first. */
    public List<FineTunedModel> list(String organization) {
        return database.reader().sql("""
                select * from fine_tuned_models where organization_id = :organization
                order by created_at desc, id desc""").param("organization", organization).query(this::model).list();
    }

    /** Every organization's models on one base model. */
    public List<FineTunedModel> onBase(String baseName) {
        return database.reader().sql("select * from fine_tuned_models where base_model = :base")
                .param("base", baseName).query(this::model).list();
    }

    public void describe(UUID id, @Nullable String name, @Nullable String description) {
        database.writeVoid(client -> client
                .sql("update fine_tuned_models set name = :name, description = :description where id = :id")
                .param("name", name).param("description", description).param("id", id.toString()).update());
    }

    public void archive(UUID id, boolean archived) {
        database.writeVoid(client -> client.sql("update fine_tuned_models set archived = :archived where id = :id")
                .param("archived", archived ? 1 : 0).param("id", id.toString()).update());
    }

    /** Removes the row inside a write transaction; false when it was not there. */
    public boolean delete(JdbcClient client, UUID id) {
        return client.sql("delete from fine_tuned_models where id = :id").param("id", id.toString()).update() > 0;
    }

    /** Removes the row in a transaction of its own. */
    public boolean delete(UUID id) {
        return database.write(client -> delete(client, id));
    }

    private FineTunedModel model(ResultSet row, int index) throws SQLException {
        String id = row.getString("id");
        String job = row.getString("job_id");
        String classifier = row.getString("classifier");
        int step = row.getInt("step");
        Integer snapshot = row.wasNull() ? null : step;
        return new FineTunedModel(UUID.fromString(id), row.getString("organization_id"), row.getString("project_id"),
                row.getString("mistral_name"), row.getString("openai_name"), row.getString("base_model"),
                row.getString("root"), job == null ? null : UUID.fromString(job), snapshot,
                classifier == null ? null : CLASSIFIER.read(classifier, "the classifier of model " + id),
                adapters.resolve(id), row.getString("adapter_sha256"), row.getInt("archived") != 0,
                row.getString("name"),
                row.getString("description"), row.getLong("created_at"));
    }
}
