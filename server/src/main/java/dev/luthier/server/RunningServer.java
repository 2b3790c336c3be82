package dev.luthier.server;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.config.DataDirectory;
import dev.luthier.server.config.KnownSettings;
import dev.luthier.server.config.ServerEnvironment;
import dev.luthier.server.config.Settings;
import dev.luthier.server.key.FirstKey;
import dev.luthier.server.key.KeyStore;
import dev.luthier.server.model.BaseModels;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * A server that listens. It ends on {@link #close}, or with the process; both let requests finish first.
 *
 * @param url where it listens, without a slash at the end
 * @param newAdminKey the first administrator's key, when this start made it
 */
public record RunningServer(ConfigurableApplicationContext context, String url,
        @Nullable String newAdminKey) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningServer.class);

    /**
     * Starts a server and returns when it answers.
     *
     * @param terminal whether a person sees the standard output, and so a fresh administrator's key
     * @throws ProblemException when settings or data directory do not allow it
     */
    public static RunningServer start(Settings settings, Map<String, String> environment, boolean terminal) {
        DataDirectory directory = DataDirectory.open(settings.get(KnownSettings.DATA_DIR).orElseThrow());
        try {
            return start(settings, environment, directory, terminal);
        } catch (RuntimeException e) {
            directory.close();
            throw cause(e);
        }
    }

    private static RunningServer start(Settings settings, Map<String, String> environment, DataDirectory directory,
            boolean terminal) {
        SpringApplication application = new SpringApplication(ServerConfiguration.class);
        application.setWebApplicationType(WebApplicationType.SERVLET);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.setAddCommandLineProperties(false);
        application.setDefaultProperties(logging(directory));
        application.addInitializers(context -> {
            GenericApplicationContext beans = (GenericApplicationContext) context;
            beans.registerBean(Settings.class, () -> settings);
            beans.registerBean(DataDirectory.class, () -> directory);
            beans.registerBean(ServerEnvironment.class, () -> new ServerEnvironment(environment));
        });
        ConfigurableApplicationContext context = application.run();
        int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
        String host = settings.get(KnownSettings.HOST);
        String url = "http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        Optional<String> key = FirstKey.ensure(context.getBean(KeyStore.class), directory, terminal);
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("version", 1);
        about.put("port", port);
        about.put("pid", ProcessHandle.current().pid());
        about.put("url", url);
        DataDirectory.writePrivately(directory.serverFile(),
                (Json.write(about) + "\n").getBytes(StandardCharsets.UTF_8));
        LOG.info("started as process {} on {} with the data in {}", ProcessHandle.current().pid(), url,
                directory.path());
        context.getBean(BaseModels.class).aliasFaults().forEach(LOG::warn);
        greet(url, directory, key, terminal);
        return new RunningServer(context, url, key.orElse(null));
    }

    /** What really went wrong: Spring wraps it many times. */
    private static RuntimeException cause(RuntimeException thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException || cause instanceof PortInUseException) {
                return (RuntimeException) cause;
            }
            if (cause instanceof BindException || cause instanceof UnknownHostException) {
                return Problem.user("cannot_listen", "The server cannot listen on the address that host and port name: "
                        + cause.getMessage() + ".").asException();
            }
        }
        return thrown;
    }

    private static Map<String, Object> logging(DataDirectory directory) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("logging.file.name", directory.logs().resolve("server.log").toString());
        properties.put("logging.level.root", "warn");
        properties.put("logging.level.dev.luthier", "info");
        // The program itself says why it cannot start.
        for (String quiet : new String[]{"org.springframework.boot", "org.springframework.context",
                "org.apache.catalina", "org.springframework.web.servlet.PageNotFound"}) {
            properties.put("logging.level." + quiet, "off");
        }
        properties.put("logging.pattern.console", "%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n");
        // The request by which a line came about: clients find it in x-request-id.
        properties.put("logging.pattern.file",
                "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0} %X{request:--}: %msg%n");
        return properties;
    }

    private static void greet(String url, DataDirectory directory, Optional<String> key, boolean terminal) {
        System.out.println("Luthier listens on " + url + " and keeps its data in " + directory.path() + ".");
        if (key.isPresent()) {
            System.out.println(terminal
                    ? "The administrator's API key, shown this once: " + key.get()
                    : "The administrator's API key is in " + directory.adminKeyFile() + ".");
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
