package dev.luthier.server.backup;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.SettingsLoader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The programs {@code luthier backup DIR} and {@code luthier restore DIR}. Exit status 0 when all is done, 1 on failure
 * and when the backup is made but something in the data directory was missing or damaged, 2 on bad usage.
 */
public final class BackupMain {
    private static final String BACKUP = """
            usage: luthier backup DIR [--data-dir PATH] [--without-keys]
            Copies the data directory into DIR, which must be empty or new, while the server runs or while it does not.
            DIR holds secrets: keep it as safe as the data directory.
              --data-dir PATH   the data directory, if it is not where `luthier serve` would look for it
              --without-keys    leaves master.key and admin.key out; without the former, stored secrets stay closed""";
    private static final String RESTORE = """
            usage: luthier restore DIR [--data-dir PATH]
            Verifies the backup in DIR and makes a data directory of it, which must be empty or new.
              --data-dir PATH   the data directory, if it is not where `luthier serve` would look for it""";

    private BackupMain() {}

    /** @param args {@code backup} or {@code restore}, then the command's arguments */
    public static void main(String[] args) {
        int status = run(List.of(args), System.getenv(), System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    private record Arguments(Path directory, Path data, boolean withKeys) {}

    /** The same as {@link #main} without ending the process; the exit status. */
    public static int run(List<String> args, Map<String, String> environment, PrintStream out, PrintStream errors) {
        boolean backsUp = args.getFirst().equals("backup");
        List<String> rest = args.subList(1, args.size());
        String usage = backsUp ? BACKUP : RESTORE;
        if (rest.contains("--help") || rest.contains("-h")) {
            out.println(usage);
            return 0;
        }
        Arguments arguments;
        try {
            arguments = parse(rest, environment, backsUp);
        } catch (ProblemException e) {
            errors.println("luthier: " + e.getMessage() + "\n" + usage.lines().findFirst().orElse(""));
            return 2;
        }
        try {
            return backsUp ? backUp(arguments, out, errors) : restore(arguments, out);
        } catch (ProblemException e) {
            errors.println("luthier: " + e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            errors.println("luthier: " + StorageFault.in(e)
                    .map(fault -> fault.problem(backsUp ? arguments.directory : arguments.data, 0).message())
                    .orElse(String.valueOf(e))
                    + (backsUp ? " What there is in " + arguments.directory + " is no whole backup: delete it." : ""));
        }
        return 1;
    }

    private static Arguments parse(List<String> args, Map<String, String> environment, boolean backsUp) {
        Path directory = null;
        boolean withKeys = true;
        List<String> settings = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--data-dir") && i + 1 < args.size()) {
                settings.addAll(List.of(arg, args.get(++i)));
            } else if (arg.startsWith("--data-dir=")) {
                settings.add(arg);
            } else if (arg.equals("--without-keys") && backsUp) {
                withKeys = false;
            } else if (arg.startsWith("-") || directory != null) {
                throw Problem.user("usage", "\"" + arg + "\" is not understood.").asException();
            } else {
                directory = path(arg);
            }
        }
        return new Arguments(required(directory), SettingsLoader.load(settings, environment)
                .get(KnownSettings.DATA_DIR).orElseThrow(), withKeys);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw Problem.user("usage", "\"" + text + "\" is not a path.").asException(e);
        }
    }

    private static Path required(@Nullable Path directory) {
        if (directory == null) {
            throw Problem.user("usage", "DIR is missing.").asException();
        }
        return directory;
    }

    private static int backUp(Arguments arguments, PrintStream out, PrintStream errors) throws IOException {
        Backup.Result result = Backup.make(arguments.data, arguments.directory, arguments.withKeys, Clock.systemUTC());
        Manifest manifest = result.manifest();
        out.printf(Locale.ROOT, "Backed up %,d files, %,d bytes, to %s.%n", manifest.files().size(),
                manifest.sizeBytes(),
                arguments.directory);
        manifest.links().forEach(link -> out.println("Not in it: " + link.target() + ", to which " + link.path()
                + " points."));
        if (!manifest.masterKey()) {
            out.println("Not in it: the master key. Keep it elsewhere; without it stored secrets cannot be read.");
        }
        result.faults().forEach(fault -> errors.println("luthier: " + fault));
        return result.faults().isEmpty() ? 0 : 1;
    }

    private static int restore(Arguments arguments, PrintStream out) throws IOException {
        Manifest manifest = Restore.into(arguments.directory, arguments.data);
        out.printf(Locale.ROOT, "Restored %,d files, %,d bytes, of %s into %s.%n", manifest.files().size(),
                manifest.sizeBytes(),
                manifest.createdAt(), arguments.data);
        if (!manifest.masterKey()) {
            out.println("The backup is without the master key: put it back as master.key, or set LUTHIER_MASTER_KEY,"
                    + " before the server starts.");
        }
        out.println("Start the server with: luthier serve --data-dir " + arguments.data);
        return 0;
    }
}
