package dev.luthier.server.key;

import dev.luthier.server.store.Database;

/**
 * Whether the projects of an organization are isolated from each other.
 *
 * @param projects true: a key finds the files, uploads, jobs and fine-tuned models of its own project only, unless it is
 *     an administrator's
 */
public record Isolation(boolean projects) {

    /** @param setting {@code true}, {@code false}, or {@code auto} for what was decided when the database was made */
    public static Isolation of(String setting, Database database) {
        return new Isolation(setting.equals("auto") ? stored(database) : Boolean.parseBoolean(setting));
    }

    private static boolean stored(Database database) {
        return Boolean.parseBoolean(database.reader()
                .sql("select value from installation where name = 'projects_isolated'").query(String.class).single());
    }
}
