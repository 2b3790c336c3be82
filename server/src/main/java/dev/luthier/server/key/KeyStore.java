package dev.luthier.server.key;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.problem.Problem;
import dev.luthier.server.store.Database;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps the API keys, as SHA-256 only, with their organizations and projects. A key is looked up by its hash: how long
 * that takes tells nothing about any key. Thread-safe.
 */
public final class KeyStore {
    private static final Logger LOG = LoggerFactory.getLogger(KeyStore.class);
    private static final String PREFIX = "luthier_";
    private static final int HINT_LENGTH = PREFIX.length() + 4;
    private static final String SELECT = """
            select k.*, o.name as organization_name, p.name as project_name
            from api_keys k join organizations o on o.id = k.organization_id join projects p on p.id = k.project_id
            """;

    private final Database database;
    private final Clock clock;
    private final boolean isolated;
    private final SecureRandom random = new SecureRandom();
    /** Every request shows its key, so those that were found valid are kept by their hash until any is revoked. */
    private final Map<String, Principal> valid = new ConcurrentHashMap<>();
    private final AtomicInteger revocations = new AtomicInteger();

    /** @param isolated whether keys see their own project only, those of administrators excepted */
    public KeyStore(Database database, Clock clock, boolean isolated) {
        this.database = database;
        this.clock = clock;
        this.isolated = isolated;
    }

    /**
     * A new key.
     *
     * @param secret the key itself: 256 random bits, shown this once
     */
    public record Created(ApiKey key, String secret) {}

    /** Makes a key, and its organization and project where they are new. */
    public Created create(String organization, String project, String name, Role role) {
        String secret = PREFIX + randomText(32);
        Created created = database.write(jdbc -> {
            long now = clock.millis();
            String organizationId = organizationId(jdbc, organization, now);
            String projectId = projectId(jdbc, organizationId, project, now);
            UUID id = UUID.randomUUID();
            jdbc.sql("""
                    insert into api_keys (id, organization_id, project_id, name, role, sha256, hint, created_at)
                    values (?, ?, ?, ?, ?, ?, ?, ?)""")
                    .params(id.toString(), organizationId, projectId, name, role.name().toLowerCase(Locale.ROOT),
                            Sha256.hex(secret), secret.substring(0, HINT_LENGTH), now)
                    .update();
            ApiKey key = jdbc.sql(SELECT + "where k.id = ?").param(id.toString()).query(KeyStore::row).single();
            return new Created(key, secret);
        });
        LOG.info("key {} ({}) created: {} of {}", created.key().id(), created.key().hint(), role,
                created.key().organization());
        return created;
    }

    /** Whose key this is; empty when it is unknown or revoked. */
    public Optional<Principal> authenticate(String secret) {
        String hash = Sha256.hex(secret);
        Principal known = valid.get(hash);
        return known == null ? lookUp(hash) : Optional.of(known);
    }

    /** A key that is revoked while it is looked up is not remembered. */
    private Optional<Principal> lookUp(String hash) {
        int before = revocations.get();
        Optional<Principal> found = database.reader()
                .sql("select * from api_keys where sha256 = ? and revoked_at is null").param(hash)
                .query((row, number) -> Principal.of(UUID.fromString(row.getString("id")),
                        row.getString("organization_id"), row.getString("project_id"), role(row), isolated))
                .optional();
        found.ifPresent(principal -> {
            synchronized (valid) {
                if (revocations.get() == before) {
                    valid.put(hash, principal);
                }
            }
        });
        return found;
    }

    private void forgetValid() {
        synchronized (valid) {
            revocations.incrementAndGet();
            valid.clear();
        }
    }

    /** The keys that a caller manages, revoked ones too, newest first: its organization's, or all of the server. */
    public List<ApiKey> list(Principal caller) {
        return database.reader().sql(SELECT + "order by k.created_at desc, k.id").query(KeyStore::row).list().stream()
                .filter(key -> manages(caller, key)).toList();
    }

    private static boolean manages(Principal caller, ApiKey key) {
        return caller.role().has(Scope.INSTANCE) || key.organization().equals(caller.organization());
    }

    /** The name of a caller's organization. */
    public String organizationName(Principal caller) {
        return database.reader().sql("select name from organizations where id = ?").param(caller.organization())
                .query(String.class).single();
    }

    public boolean isEmpty() {
        return database.reader().sql("select count(*) from api_keys").query(Long.class).single() == 0;
    }

    /**
     * Ends a key at once. A revoked key is returned unchanged.
     *
     * @throws dev.luthier.core.problem.ProblemException {@code key_not_found}, also for a key that the caller does not
     *     manage; {@code role_too_strong} for a key of a role that the caller cannot give; {@code last_admin_key} when no
     *     other instance administrator's key would be left
     */
    public ApiKey revoke(Principal caller, UUID id) {
        ApiKey revoked = database.write(jdbc -> {
            ApiKey key = jdbc.sql(SELECT + "where k.id = ?").param(id.toString()).query(KeyStore::row).optional()
                    .filter(found -> manages(caller, found))
                    .orElseThrow(() -> Problem.user("key_not_found", "There is no API key " + id + ".").asException());
            if (!caller.role().mayGive(key.role())) {
                throw Problem.user("role_too_strong", "A key of the role " + caller.role().publicName()
                        + " cannot revoke one of the role " + key.role().publicName() + ".").asException();
            }
            if (key.revokedAt() != null) {
                return key;
            }
            long otherAdmins = jdbc
                    .sql("select count(*) from api_keys where role = 'instance_admin' and revoked_at is null and id <> ?")
                    .param(id.toString()).query(Long.class).single();
            if (key.role() == Role.INSTANCE_ADMIN && otherAdmins == 0) {
                throw Problem.user("last_admin_key",
                        "This is the last instance administrator's key. Create another one before revoking it.")
                        .asException();
            }
            jdbc.sql("update api_keys set revoked_at = ? where id = ?").params(clock.millis(), id.toString()).update();
            return jdbc.sql(SELECT + "where k.id = ?").param(id.toString()).query(KeyStore::row).single();
        });
        forgetValid();
        LOG.info("key {} ({}) revoked", revoked.id(), revoked.hint());
        return revoked;
    }

    private String organizationId(JdbcClient jdbc, String name, long now) {
        return jdbc.sql("select id from organizations where name = ?").param(name).query(String.class).optional()
                .orElseGet(() -> {
                    String id = "org-" + randomText(18);
                    jdbc.sql("insert into organizations (id, name, created_at) values (?, ?, ?)").params(id, name, now)
                            .update();
                    return id;
                });
    }

    private String projectId(JdbcClient jdbc, String organizationId, String name, long now) {
        return jdbc.sql("select id from projects where organization_id = ? and name = ?").params(organizationId, name)
                .query(String.class).optional().orElseGet(() -> {
                    String id = "proj_" + randomText(18);
                    jdbc.sql("insert into projects (id, organization_id, name, created_at) values (?, ?, ?, ?)")
                            .params(id, organizationId, name, now).update();
                    return id;
                });
    }

    private String randomText(int byteCount) {
        byte[] bytes = new byte[byteCount];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static ApiKey row(ResultSet row, int number) throws SQLException {
        long revoked = row.getLong("revoked_at");
        Long revokedAt = row.wasNull() ? null : revoked;
        return new ApiKey(UUID.fromString(row.getString("id")), row.getString("name"), role(row),
                row.getString("organization_id"), row.getString("organization_name"), row.getString("project_id"),
                row.getString("project_name"), row.getString("hint"), row.getLong("created_at"), revokedAt);
    }

    private static Role role(ResultSet row) throws SQLException {
        return Role.valueOf(row.getString("role").toUpperCase(Locale.ROOT));
    }
}
