package dev.luthier.server.file;

import dev.luthier.core.data.DataFormat;
import dev.luthier.server.file.FileService.Direction;
import dev.luthier.server.key.Tenant;
import dev.luthier.server.store.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The rows of files and of the live jobs that use them. A deleted or expired file is there for nobody. */
final class FileStore {
    private static final String THERE = "deleted_at is null and (expires_at is null or expires_at > :now)";

    private FileStore() {}

    static void insert(JdbcClient jdbc, StoredFile file) {
        jdbc.sql("""
                insert into files (id, organization_id, project_id, filename, purpose, sample_format, mimetype,
                    size_bytes, num_lines, sha256, created_at, expires_at)
                values (:id, :organization, :project, :filename, :purpose, :format, :mimetype, :sizeBytes, :lines,
                    :sha256, :createdAt, :expiresAt)""").param("id", file.id().toString())
                .param("organization", file.organization()).param("project", file.project())
                .param("filename", file.filename()).param("purpose", name(file.purpose()))
                .param("format", file.format() == null ? null : name(file.format()))
                .param("mimetype", file.mimetype()).param("sizeBytes", file.sizeBytes()).param("lines", file.lines())
                .param("sha256", file.sha256()).param("createdAt", file.createdAt())
                .param("expiresAt", file.expiresAt())
                .update();
    }

    static Optional<StoredFile> find(JdbcClient jdbc, Tenant tenant, UUID id, long now) {
        return jdbc.sql("select * from files where id = :id and " + tenant.sql() + " and " + THERE)
                .param("id", id.toString()).params(tenant.parameters()).param("now", now)
                .query(FileStore::row).optional();
    }

    static List<StoredFile> list(JdbcClient jdbc, Tenant tenant, FileFilter filter, Page page, long now) {
        return filtered(jdbc, "select *", " order by created_at desc, id desc limit :size offset :offset", tenant,
                filter, now).param("size", page.size()).param("offset", page.offset()).query(FileStore::row).list();
    }

    static long count(JdbcClient jdbc, Tenant tenant, FileFilter filter, long now) {
        return filtered(jdbc, "select count(*)", "", tenant, filter, now).query(Long.class).single();
    }

    /** Where in the order of creation a file stands. */
    record Position(long createdAt, String id) {}

    /** Of a file that is there, or once was. */
    static Optional<Position> position(JdbcClient jdbc, Tenant tenant, UUID id) {
        return jdbc.sql("select created_at, id from files where id = :id and " + tenant.sql())
                .param("id", id.toString()).params(tenant.parameters())
                .query((row, number) -> new Position(row.getLong(1), row.getString(2))).optional();
    }

    static List<StoredFile> page(JdbcClient jdbc, Tenant tenant, Set<FilePurpose> purposes, Direction direction,
            @Nullable Position after, int limit, long now) {
        boolean newest = direction == Direction.NEWEST_FIRST;
        String from = after == null ? "" : " and (created_at, id) " + (newest ? "<" : ">") + " (:createdAt, :id)";
        String order = newest ? "created_at desc, id desc" : "created_at, id";
        JdbcClient.StatementSpec statement = jdbc
                .sql("select * from files where " + tenant.sql() + " and " + THERE
                        + " and purpose in (:purposes)" + from + " order by " + order + " limit :limit")
                .params(tenant.parameters()).param("now", now).param("limit", limit)
                .param("purposes",
                        purposes.isEmpty() ? List.of("none") : purposes.stream().map(FileStore::name).toList());
        return (after == null ? statement : statement.param("createdAt", after.createdAt()).param("id", after.id()))
                .query(FileStore::row).list();
    }

    private static JdbcClient.StatementSpec filtered(JdbcClient jdbc, String select, String end, Tenant tenant,
            FileFilter filter, long now) {
        String mimetypes = filter.mimetypes().isEmpty() ? "" : " and mimetype in (:mimetypes)";
        List<String> formats = filter.formats().stream().map(FileStore::name).toList();
        JdbcClient.StatementSpec statement = jdbc
                .sql(select + " from files where " + tenant.sql() + " and " + THERE
                        + " and (:pattern = '' or lower(filename) like :pattern escape '!')"
                        + " and sample_format in (:formats)" + mimetypes + end)
                .params(tenant.parameters()).param("now", now).param("pattern", pattern(filter))
                .param("formats", formats.isEmpty() ? List.of("none") : formats);
        return mimetypes.isEmpty() ? statement : statement.param("mimetypes", filter.mimetypes());
    }

    private static String pattern(FileFilter filter) {
        return filter.search() == null
                ? ""
                : "%" + filter.search().toLowerCase(Locale.ROOT).replace("!", "!!").replace("%", "!%").replace("_",
                        "!_") + "%";
    }

    /** Whether there was such a file. */
    static boolean markDeleted(JdbcClient jdbc, Tenant tenant, UUID id, long now) {
        return jdbc
                .sql("update files set deleted_at = :now where id = :id and " + tenant.sql() + " and " + THERE)
                .param("now", now).param("id", id.toString()).params(tenant.parameters()).update() == 1;
    }

    /** Whether the file is there; if so the job counts as its user. */
    static boolean hold(JdbcClient jdbc, Tenant tenant, UUID file, UUID job, long now) {
        if (find(jdbc, tenant, file, now).isEmpty()) {
            return false;
        }
        jdbc.sql("insert into file_uses (file_id, job_id) values (?, ?) on conflict do nothing")
                .params(file.toString(), job.toString()).update();
        return true;
    }

    static void release(JdbcClient jdbc, UUID job) {
        jdbc.sql("delete from file_uses where job_id = ?").param(job.toString()).update();
    }

    /** Files that nobody can see and no live job uses, but whose bytes are kept. */
    static List<UUID> unneeded(JdbcClient jdbc, long now) {
        return jdbc.sql("select id from files f where bytes_kept = 1"
                + " and (deleted_at is not null or expires_at is not null) and not (" + THERE
                + ") and not exists (select 1 from file_uses u where u.file_id = f.id)").param("now", now)
                .query(String.class).list().stream().map(UUID::fromString).toList();
    }

    static void markBytesGone(JdbcClient jdbc, UUID id) {
        jdbc.sql("update files set bytes_kept = 0 where id = ?").param(id.toString()).update();
    }

    /** Ids of all files whose bytes are kept. */
    static List<String> kept(JdbcClient jdbc) {
        return jdbc.sql("select id from files where bytes_kept = 1").query((row, number) -> row.getString(1)).list();
    }

    private static StoredFile row(ResultSet row, int number) throws SQLException {
        long expires = row.getLong("expires_at");
        Long expiresAt = row.wasNull() ? null : expires;
        String format = row.getString("sample_format");
        return new StoredFile(UUID.fromString(row.getString("id")), row.getString("organization_id"),
                row.getString("project_id"), row.getString("filename"),
                FilePurpose.valueOf(row.getString("purpose").toUpperCase(Locale.ROOT)),
                format == null ? null : DataFormat.valueOf(format.toUpperCase(Locale.ROOT)), row.getString("mimetype"),
                row.getLong("size_bytes"), row.getLong("num_lines"), row.getString("sha256"), row.getLong("created_at"),
                expiresAt);
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
