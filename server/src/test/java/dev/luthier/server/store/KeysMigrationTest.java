package dev.luthier.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.server.key.Isolation;
import java.nio.file.Path;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.sqlite.SQLiteDataSource;

class KeysMigrationTest {
    @TempDir
    Path directory;

    private JdbcClient jdbc;

    @BeforeEach
    void makeVersion7() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + directory.resolve("luthier.db"));
        Flyway.configure().dataSource(source).locations("classpath:db/migration").target("7").load().migrate();
        jdbc = JdbcClient.create(source);
        jdbc.sql("insert into organizations (id, name, created_at) values ('o', 'o', 1)").update();
        jdbc.sql("insert into projects (id, organization_id, name, created_at) values ('p', 'o', 'p', 1)").update();
    }

    private void key(String id, String role, long createdAt, boolean revoked) {
        jdbc.sql("""
                insert into api_keys (id, organization_id, project_id, name, role, sha256, hint, created_at, revoked_at)
                values (?, 'o', 'p', 'n', ?, ?, 'h', ?, nullif(?, 0))""")
                .params(id, role, "hash of " + id, createdAt, revoked ? 99 : 0).update();
    }

    private static String role(Database database, String id) {
        return database.reader().sql("select role from api_keys where id = ?").param(id).query(String.class).single();
    }

    @Test
    void theFirstAdministratorLeftRunsTheServerAndTheOthersTheirOrganization() {
        key("a-second", "admin", 20, false);
        key("b-first", "admin", 10, false);
        key("c-revoked", "admin", 5, true);
        key("d-member", "member", 1, false);
        try (Database database = Database.open(directory)) {
            assertThat(role(database, "b-first")).isEqualTo("instance_admin");
            assertThat(role(database, "a-second")).isEqualTo("organization_admin");
            assertThat(role(database, "c-revoked")).isEqualTo("organization_admin");
            assertThat(role(database, "d-member")).isEqualTo("member");
            assertThat(database.reader().sql("select sha256 from api_keys where id = 'b-first' and created_at = 10")
                    .query(String.class).single()).isEqualTo("hash of b-first");
        }
    }

    @Test
    void projectsOfADirectoryThatWasInUseStayOpenToEachOther() {
        key("first", "admin", 1, false);
        try (Database database = Database.open(directory)) {
            assertThat(Isolation.of("auto", database).projects()).isFalse();
            assertThat(Isolation.of("true", database).projects()).isTrue();
        }
    }

    @Test
    void projectsOfANewDirectoryAreIsolatedAndStaySo() {
        for (int start = 0; start < 2; start++) {
            try (Database database = Database.open(directory.resolve(".").normalize())) {
                assertThat(Isolation.of("auto", database).projects()).isTrue();
                assertThat(Isolation.of("false", database).projects()).isFalse();
            }
            key("key " + start, "member", 1, false);
        }
    }
}
