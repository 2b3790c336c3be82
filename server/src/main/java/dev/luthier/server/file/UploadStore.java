package dev.luthier.server.file;

import dev.luthier.server.file.PartedUpload.Status;
import dev.luthier.server.key.Tenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The rows of uploads and of those parts whose bytes are kept. */
final class UploadStore {
    private UploadStore() {}

    static void insert(JdbcClient jdbc, PartedUpload upload) {
        jdbc.sql("""
                insert into uploads (id, organization_id, project_id, filename, mimetype, size_bytes, lifetime_millis,
                    status, created_at, expires_at)
                values (:id, :organization, :project, :filename, :mimetype, :sizeBytes, :lifetime, 'pending',
                    :createdAt, :expiresAt)""").param("id", upload.id().toString())
                .param("organization", upload.organization()).param("project", upload.project())
                .param("filename", upload.filename()).param("mimetype", upload.mimetype())
                .param("sizeBytes", upload.sizeBytes())
                .param("lifetime", upload.lifetime() == null ? null : upload.lifetime().toMillis())
                .param("createdAt", upload.createdAt()).param("expiresAt", upload.expiresAt()).update();
    }

    static Optional<PartedUpload> find(JdbcClient jdbc, Tenant tenant, UUID id, long now) {
        return jdbc.sql("select * from uploads where id = :id and " + tenant.sql()).param("id", id.toString())
                .params(tenant.parameters()).query((row, number) -> upload(row, now)).optional();
    }

    private static PartedUpload upload(ResultSet row, long now) throws SQLException {
        long millis = row.getLong("lifetime_millis");
        Duration lifetime = row.wasNull() ? null : Duration.ofMillis(millis);
        Status status = Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT));
        long expiresAt = row.getLong("expires_at");
        return new PartedUpload(UUID.fromString(row.getString("id")), row.getString("organization_id"),
                row.getString("project_id"), row.getString("filename"), row.getString("mimetype"),
                row.getLong("size_bytes"), lifetime,
                status == Status.PENDING && expiresAt <= now ? Status.EXPIRED : status, row.getLong("created_at"),
                expiresAt);
    }

    /** Ends a pending upload, be its time over or not; false when it has ended otherwise. */
    static boolean complete(JdbcClient jdbc, UUID id, UUID file) {
        return jdbc.sql("update uploads set status = 'completed', file_id = ? where id = ? and status = 'pending'")
                .params(file.toString(), id.toString()).update() == 1;
    }

    /** The same without a file. */
    static boolean cancel(JdbcClient jdbc, UUID id) {
        return jdbc.sql("update uploads set status = 'cancelled' where id = ? and status = 'pending'")
                .param(id.toString()).update() == 1;
    }

    static void insertPart(JdbcClient jdbc, UploadPart part) {
        jdbc.sql("insert into upload_parts (id, upload_id, size_bytes, created_at) values (?, ?, ?, ?)")
                .params(part.id().toString(), part.upload().toString(), part.sizeBytes(), part.createdAt()).update();
    }

    static List<UploadPart> parts(JdbcClient jdbc, UUID upload) {
        return jdbc.sql("select * from upload_parts where upload_id = ?").param(upload.toString())
                .query(UploadStore::part).list();
    }

    /** Parts of uploads that have ended. */
    static List<UploadPart> unneeded(JdbcClient jdbc, long now) {
        return jdbc.sql("""
                select p.* from upload_parts p join uploads u on u.id = p.upload_id
                where u.status <> 'pending' or u.expires_at <= ?""").param(now).query(UploadStore::part).list();
    }

    static void deletePart(JdbcClient jdbc, UUID id) {
        jdbc.sql("delete from upload_parts where id = ?").param(id.toString()).update();
    }

    /** Ids of all parts whose bytes are kept. */
    static List<String> kept(JdbcClient jdbc) {
        return jdbc.sql("select id from upload_parts").query((row, number) -> row.getString(1)).list();
    }

    private static UploadPart part(ResultSet row, int number) throws SQLException {
        return new UploadPart(UUID.fromString(row.getString("id")), UUID.fromString(row.getString("upload_id")),
                row.getLong("size_bytes"), row.getLong("created_at"));
    }
}
