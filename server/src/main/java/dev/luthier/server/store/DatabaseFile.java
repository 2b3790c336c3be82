package dev.luthier.server.store;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The file of the database, as it is before anything opens it for writing. */
public final class DatabaseFile {
    public static final String NAME = "luthier.db";

    private DatabaseFile() {}

    /** What a directory holds. */
    public enum Content {
        /** No database, or one in which nothing was ever stored. */
        NOTHING,
        /** A database of this program whose structure is whole. */
        DATABASE
    }

    /**
     * Reads the structure of the whole file ({@code quick_check}), without changing it.
     *
     * @param directory may be missing
     * @throws ProblemException USER, when the file is damaged, of another program or cannot be read and written
     */
    public static Content inspect(Path directory) {
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)) {
            return Content.NOTHING;
        }
        if (!Files.isRegularFile(file) || !Files.isReadable(file) || !Files.isWritable(file)
                || !Files.isWritable(directory)) {
            throw inaccessible(directory);
        }
        try {
            if (Files.size(file) == 0) {
                return Content.NOTHING;
            }
        } catch (IOException e) {
            throw inaccessible(directory);
        }
        SQLiteConfig readOnly = new SQLiteConfig();
        readOnly.setReadOnly(true);
        readOnly.setBusyTimeout(Database.BUSY_TIMEOUT_MILLIS);
        try (Connection connection = readOnly.createConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            String fault = text(statement, "pragma quick_check(1)");
            if (!"ok".equals(fault)) {
                throw damaged(file, String.valueOf(fault));
            }
            if (text(statement, "select name from sqlite_master limit 1") == null) {
                return Content.NOTHING;
            }
            if (text(statement, "select name from sqlite_master where name = 'flyway_schema_history'") == null) {
                throw Problem.user("database_unusable", file + " is a database, but not one of Luthier. Give the"
                        + " server a data directory of its own with --data-dir.").asException();
            }
            return Content.DATABASE;
        } catch (SQLException e) {
            throw problem(file, e);
        }
    }

    /** Whether the database is without the log that it has while it is open, and keeps when its server is killed. */
    public static boolean lacksLog(Path directory) {
        return Files.exists(directory.resolve(NAME)) && !Files.exists(directory.resolve(NAME + "-wal"));
    }

    private static @Nullable String text(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static ProblemException problem(Path file, SQLException e) {
        SQLiteErrorCode code = e instanceof SQLiteException sqlite ? sqlite.getResultCode() : null;
        if (code == null) {
            return damaged(file, String.valueOf(e.getMessage()));
        }
        return switch (code.code & 0xff) {
            case 11 -> damaged(file, "its pages contradict each other"); // SQLITE_CORRUPT
            case 26 -> damaged(file, "it is not a database"); // SQLITE_NOTADB
            case 3, 8, 14, 23 -> inaccessible(file.getParent()); // PERM, READONLY, CANTOPEN, AUTH
            default -> damaged(file, String.valueOf(e.getMessage()));
        };
    }

    private static ProblemException damaged(Path file, String why) {
        return Problem.user("database_damaged", "The database " + file + " is damaged ("
                + why.strip().replace('\n', ' ')
                + "). Nothing was changed. Restore a backup into an empty data directory with `luthier restore`;"
                + " without one, keep a copy of " + file.getParent() + " and save what can still be read with"
                + " `sqlite3 luthier.db .recover`.").asException();
    }

    private static ProblemException inaccessible(@Nullable Path directory) {
        return Problem.user("database_inaccessible", "The user " + System.getProperty("user.name")
                + " cannot read and write the database in " + directory + ". Make this user the owner of the data"
                + " directory and of everything in it, or start the server as the user who is.").asException();
    }
}
