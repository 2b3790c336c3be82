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

class FilesMigrationTest {
    @TempDir
    Path directory;

    private void makeVersion3() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + directory.resolve("luthier.db"));
        Flyway.configure().dataSource(source).locations("classpath:db/migration").target("3").load().migrate();
        JdbcClient jdbc = JdbcClient.create(source);
        jdbc.sql("insert into organizations (id, name, created_at) values ('o', 'o', 1)").update();
        jdbc.sql("insert into projects (id, organization_id, name, created_at) values ('p', 'o', 'p', 1)").update();
        jdbc.sql("""
                insert into files (id, organization_id, project_id, filename, sample_format, size_bytes, num_lines,
                    sha256, created_at, deleted_at) values ('f', 'o', 'p', 'a.jsonl', 'chat', 3, 2, 'abc', 7, 9)""")
                .update();
        jdbc.sql("insert into file_uses (file_id, job_id) values ('f', 'j')").update();
    }

    @Test
    void filesOfEarlierVersionsAndTheirUsesStay() {
        makeVersion3();
        try (Database database = Database.open(directory)) {
            Map<String, @Nullable Object> file = database.reader().sql("select * from files").query().singleRow();
            assertThat(file).containsEntry("id", "f").containsEntry("purpose", "fine_tune")
                    .containsEntry("sample_format", "chat").containsEntry("size_bytes", 3)
                    .containsEntry("deleted_at", 9).containsEntry("expires_at", null).containsEntry("bytes_kept", 1);
            assertThat(database.reader().sql("select job_id from file_uses where file_id = 'f'").query(String.class)
                    .list()).containsExactly("j");
        }
    }

    @Test
    void usesStillReferToFiles() {
        makeVersion3();
        try (Database database = Database.open(directory)) {
            assertThatThrownBy(() -> database.writeVoid(
                    jdbc -> jdbc.sql("insert into file_uses (file_id, job_id) values ('none', 'j')").update()))
                    .hasStackTraceContaining("FOREIGN KEY");
        }
    }
}
