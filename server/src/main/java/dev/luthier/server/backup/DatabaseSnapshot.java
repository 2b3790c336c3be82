package dev.luthier.server.backup;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.store.DatabaseFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sqlite.SQLiteConfig;

/**
 * A copy of the database as it was at one moment, which may be taken while a server writes to it.
 *
 * @param files SHA-256 of the content of each file whose bytes are kept, by its place in the data directory
 * @param parts places of the parts of files that are still to come
 * @param adapters SHA-256 of the weights of each fine-tuned model, by their place
 */
record DatabaseSnapshot(Map<String, String> files, Map<String, String> parts, Map<String, String> adapters) {
    private static final int BUSY_TIMEOUT_MILLIS = 30_000;

    /**
     * Copies the database.
     *
     * @param target file that does not exist yet
     */
    static DatabaseSnapshot take(Path data, Path target) {
        Path source = data.resolve("db").resolve(DatabaseFile.NAME);
        SQLiteConfig readOnly = new SQLiteConfig();
        readOnly.setReadOnly(true);
        readOnly.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        try (Connection connection = readOnly.createConnection("jdbc:sqlite:" + source);
                PreparedStatement copy = connection.prepareStatement("vacuum into ?")) {
            copy.setString(1, target.toString());
            copy.execute();
        } catch (SQLException e) {
            throw Problem.resource("database_not_copied", "The database " + source + " cannot be copied: "
                    + e.getMessage() + ".").asException(e);
        }
        try (Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite:" + target);
                Statement statement = connection.createStatement()) {
            // A process of this machine must not be taken for one of the machine on which the copy will be used.
            statement.executeUpdate("update jobs set process = null where process is not null");
            return new DatabaseSnapshot(
                    places(statement, "select 'files/' || id, sha256 from files where bytes_kept = 1"),
                    places(statement, "select 'uploads/' || id, '' from upload_parts"),
                    places(statement, "select 'adapters/' || id || '/adapter_model.safetensors', adapter_sha256"
                            + " from fine_tuned_models"));
        } catch (SQLException e) {
            throw Problem.resource("database_not_copied", "The copy of the database cannot be read: " + e.getMessage()
                    + ".").asException(e);
        }
    }

    private static Map<String, String> places(Statement statement, String sql) throws SQLException {
        Map<String, String> places = new LinkedHashMap<>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                places.put(rows.getString(1), rows.getString(2));
            }
        }
        return places;
    }
}
