package dev.luthier.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Every setting of the server. A feature adds its constant here, a line to {@link #ALL} and one to the guide. */
public final class KnownSettings {
    public static final Setting<Optional<Path>> CONFIG = Setting.path("config",
            "settings file; without it luthier.yaml in the data directory, if there is one");
    public static final Setting<Optional<Path>> DATA_DIR = Setting.path("data-dir",
            "where everything is kept; without it LUTHIER_HOME, $XDG_DATA_HOME/luthier or ~/.local/share/luthier");
    public static final Setting<String> HOST = Setting.text("host", "127.0.0.1", "address to listen on");
    public static final Setting<Integer> PORT = Setting.integer("port", 0, 65535, 8000,
            "port to listen on; 0 takes a free one and writes it to server.json in the data directory");
    public static final Setting<Optional<URI>> PUBLIC_URL = Setting.uri("public-url",
            "address that clients see, for signed links; without it the request's own");
    public static final Setting<Boolean> DETACH = Setting.flag("detach",
            "leave running jobs alone when the server stops");
    public static final Setting<Boolean> EXIT_WHEN_READY = Setting.flag("exit-when-ready",
            "start, answer one request and end; the launcher records the class cache so");
    public static final Setting<Long> FILES_MAX_BYTES = Setting.bytes("files.max-bytes", 512_000_000,
            "largest file that is accepted");
    public static final Setting<Long> REQUESTS_MAX_JSON_BYTES = Setting.bytes("requests.max-json-bytes", 32L << 20,
            "largest JSON request body that is accepted");
    public static final Setting<Long> SERVE_MEMORY = Setting.bytes("serve.memory", 8L << 30,
            "memory of all inference workers together, by estimate; idle ones are stopped to stay below");
    public static final Setting<Long> SERVE_CACHE = Setting.bytes("serve.cache", 1L << 30,
            "largest key-value cache of one inference worker; bounds how long and how many answers run at a time");
    public static final Setting<Integer> SERVE_IDLE_SECONDS = Setting.integer("serve.idle-seconds", 1, 1_000_000, 900,
            "an inference worker that nobody used for so long is stopped");
    public static final Setting<Integer> SERVE_LOAD_WAIT_SECONDS = Setting.integer("serve.load-wait-seconds", 0, 3600,
            30, "how long a request waits for a model that is being loaded before it is answered with 503");
    public static final Setting<Integer> SERVE_ADAPTERS = Setting.integer("serve.adapters", 1, 10_000, 32,
            "adapters that an inference worker keeps loaded");
    public static final Setting<Integer> SERVE_THREADS = Setting.integer("serve.threads", 0, 1024, 0,
            "threads of an inference worker; 0 chooses by the size of the model");

    /** In the order in which {@code --help} lists them. */
    public static final List<Setting<?>> ALL = List.of(HOST, PORT, DATA_DIR, CONFIG, PUBLIC_URL, DETACH,
            FILES_MAX_BYTES, REQUESTS_MAX_JSON_BYTES, //
            SERVE_MEMORY, SERVE_CACHE, SERVE_IDLE_SECONDS, SERVE_LOAD_WAIT_SECONDS, SERVE_ADAPTERS, SERVE_THREADS, //
            EXIT_WHEN_READY);

    private KnownSettings() {}
}
