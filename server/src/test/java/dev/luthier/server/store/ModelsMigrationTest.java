package dev.luthier.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.sqlite.SQLiteDataSource;

class ModelsMigrationTest {
    private static final String INSERT = """
            insert into fine_tuned_models (id, organization_id, project_id, mistral_name, openai_name, base_model, root,
                job_id, %s adapter_sha256, archived, created_at)
            values ('%s', 'o', 'p', 'm-%s', 'o-%s', 'b', 'r', 'j', %s 'abc', 1, 7)""";

    @TempDir
    Path directory;

    @Test
    void modelsOfEarlierVersionsStayAndAJobMayHaveSnapshotsBesides() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + directory.resolve("luthier.db"));
        Flyway.configure().dataSource(source).locations("classpath:db/migration").target("4").load().migrate();
        JdbcClient.create(source).sql(INSERT.formatted("", "1", "1", "1", "")).update();
        try (Database database = Database.open(directory)) {
            Map<String, @Nullable Object> model = database.reader().sql("select * from fine_tuned_models").query()
                    .singleRow();
            assertThat(model).containsEntry("id", "1").containsEntry("job_id", "j").containsEntry("step", null)
                    .containsEntry("archived", 1).containsEntry("created_at", 7);
            database.writeVoid(jdbc -> jdbc.sql(INSERT.formatted("step,", "2", "2", "2", "10,")).update());
            assertThatThrownBy(() -> database
                    .writeVoid(jdbc -> jdbc.sql(INSERT.formatted("step,", "3", "3", "3", "10,")).update()))
                    .hasStackTraceContaining("UNIQUE");
            assertThatThrownBy(() -> database
                    .writeVoid(jdbc -> jdbc.sql(INSERT.formatted("", "4", "4", "4", "")).update()))
                    .hasStackTraceContaining("UNIQUE");
        }
    }
}
