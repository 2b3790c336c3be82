package dev.luthier.server;

import dev.luthier.core.command.Program;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.storage.StorageFault;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.Setting;
import dev.luthier.server.config.Settings;
import dev.luthier.server.config.SettingsLoader;
import dev.luthier.server.store.StorageHealth;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.web.server.PortInUseException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The program {@code luthier serve}. Exit status 1 when it cannot start, 2 on bad usage. */
public final class ServerMain {
    private ServerMain() {}

    public static void main(String[] args) {
        List<String> arguments = List.of(args);
        if (arguments.contains("--help") || arguments.contains("-h")) {
            help().usage(System.out);
            return;
        }
        // Native calls hold their carrier thread: leave enough others for HTTP. Must precede the first virtual thread.
        if (System.getProperty("jdk.virtualThreadScheduler.parallelism") == null) {
            System.setProperty("jdk.virtualThreadScheduler.parallelism",
                    Integer.toString(Math.max(8, Runtime.getRuntime().availableProcessors())));
        }
        // Ends as on SIGTERM: requests are finished, and runs write checkpoints.
        ParentWatch.follow(System.getenv(), () -> System.exit(0));
        int status = start(arguments, System.getenv(), System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    private static int start(List<String> arguments, Map<String, String> environment, PrintStream errors) {
        Settings settings;
        try {
            settings = SettingsLoader.load(arguments, environment);
        } catch (ProblemException e) {
            errors.println(e.getMessage());
            return 2;
        }
        try {
            boolean terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
            RunningServer server = RunningServer.start(settings, environment, terminal);
            if (settings.get(KnownSettings.EXIT_WHEN_READY)) {
                answerOneRequest(server);
                server.close();
            }
            return 0;
        } catch (ProblemException e) {
            errors.println(e.getMessage());
            return 1;
        } catch (PortInUseException e) {
            errors.println(
                    "Port " + e.getPort() + " is in use. Stop what listens there, or choose another with --port.");
            return 1;
        } catch (RuntimeException e) {
            Optional<StorageFault> fault = StorageHealth.faultIn(e);
            if (fault.isPresent()) {
                Path data = settings.get(KnownSettings.DATA_DIR).orElseThrow();
                errors.println("The server cannot start on the data directory " + data + ". "
                        + fault.get().problem(data, 0).message());
                return 1;
            }
            errors.println("The server cannot start: " + e.getMessage());
            e.printStackTrace(errors);
            return 1;
        }
    }

    private static void answerOneRequest(RunningServer server) {
        try (InputStream answer = URI.create(server.url() + "/health").toURL().openStream()) {
            answer.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every setting is a flag; the environment and {@code luthier.yaml} know them too. */
    static CommandLine help() {
        CommandSpec spec = CommandSpec.create().name("luthier serve");
        spec.usageMessage().description("Runs the service. Flags win over LUTHIER_* environment variables"
                + " (LUTHIER_FILES_MAX_BYTES for files.max-bytes), those over luthier.yaml in the data directory, that"
                + " over defaults.").sortOptions(false);
        for (Setting<?> setting : KnownSettings.ALL) {
            boolean isSwitch = setting.defaultValue() instanceof Boolean;
            String name = "--" + setting.key() + (setting.isMap() ? ".NAME" : "");
            String initially = isSwitch || setting.isMap() ? "" : " (" + text(setting.defaultValue()) + ")";
            spec.addOption(OptionSpec.builder(name).type(isSwitch ? boolean.class : String.class).paramLabel("VALUE")
                    .description(capitalized(setting.description()).replace("%", "%%") + initially + ".").build());
        }
        return Program.of(spec);
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    private static String text(Object value) {
        return value instanceof Optional<?> given ? given.map(Object::toString).orElse("none") : value.toString();
    }
}
