package dev.luthier.server.config;

import dev.luthier.core.run.TrainingDefaults;
import dev.luthier.server.training.ModelAlias;
import dev.luthier.server.training.RecipeReader;
import dev.luthier.server.training.TrainingKey;
import dev.luthier.server.training.TrainingRecipe;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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
            "address that clients see, for signed links; without it the one that the request came to");
    public static final Setting<Boolean> DETACH = Setting.flag("detach",
            "leave running jobs alone when the server stops");
    public static final Setting<Boolean> EXIT_WHEN_READY = Setting.flag("exit-when-ready",
            "start, answer one request and end; the launcher records the class cache so");
    public static final Setting<Long> FILES_MAX_BYTES = Setting.bytes("files.max-bytes", 512_000_000,
            "largest file that is accepted");
    public static final Setting<Integer> FILES_LINE_SECONDS = Setting.integer("files.line-seconds", 1, 3600, 60,
            "how long the chat template, and the tokenizer, may each take for one line of a job's files");
    public static final Setting<Long> UPLOADS_MAX_BYTES = Setting.bytes("uploads.max-bytes", 8L << 30,
            "largest file that is accepted in parts");
    public static final Setting<Long> UPLOADS_MAX_PART_BYTES = Setting.bytes("uploads.max-part-bytes", 64 << 20,
            "largest part of such a file");
    public static final Setting<Long> REQUESTS_MAX_JSON_BYTES = Setting.bytes("requests.max-json-bytes", 8L << 20,
            "largest JSON request body that is accepted");
    public static final Setting<Integer> LIMITS_REQUESTS_PER_MINUTE = Setting.integer("limits.requests-per-minute", 0,
            1_000_000, 0, "requests that an API key may make in a minute; 0 sets no limit");
    public static final Setting<Optional<Path>> ENGINE_COMMAND = Setting.path("engine.command",
            "program that runs trainers, probes and workers; without it LUTHIER_BIN, which the launcher script sets");
    public static final Setting<String> ENGINE_DEVICE = Setting.choice("engine.device", List.of("cpu", "cuda"),
            "what trainers, probes and workers compute on: cpu or cuda");
    public static final Setting<Integer> RUNS_MAX = Setting.integer("runs.max", 1, 64, 1,
            "training processes at a time");
    public static final Setting<Integer> RUNS_SAMPLES_PER_STEP = Setting.integer("runs.samples-per-step", 1, 65_536,
            TrainingDefaults.SAMPLES_PER_STEP, "samples of one optimizer step; of preference pairs half as many");
    public static final Setting<Integer> RUNS_THREADS = Setting.integer("runs.threads", 0, 1024, 0,
            "threads of a trainer, at most one a core; 0 chooses by the size of the model");
    public static final Setting<String> RUNS_TYPE = Setting.choice("runs.type", List.of("auto", "bf16", "fp32"),
            "number type of trainings: bf16, fp32, or auto for the one that this machine computes faster");
    public static final Setting<String> SERVE_TYPE = Setting.choice("serve.type", List.of("bf16", "fp32"),
            "number type of models while they answer: bf16 or fp32");
    public static final Setting<Long> RUNS_REUSE_BYTES = Setting.bytes("runs.reuse-bytes", 4L << 30,
            "disk that a run of top_layers may use to compute the layers below once; 0 computes them every time");
    public static final Setting<Long> RUNS_MEMORY_BYTES = Setting.bytes("runs.memory-bytes", 0,
            "memory that a run may take; 0 for four fifths of the machine's, shared by runs.max");
    public static final Setting<Integer> RUNS_SEED = Setting.integer("runs.seed", 0, Integer.MAX_VALUE, 42,
            "seed of jobs that name none");
    public static final Setting<Integer> RUNS_FRUITLESS_ATTEMPTS = Setting.integer("runs.fruitless-attempts", 1, 1000,
            5, "attempts in a row without a new step after which a job fails");
    public static final Setting<Integer> RUNS_RETRY_MILLIS = Setting.integer("runs.retry-millis", 0, 3_600_000, 2_000,
            "pause before a crashed run is started again; doubles with each fruitless attempt");
    public static final Setting<Integer> RUNS_INTERVAL_MILLIS = Setting.integer("runs.interval-millis", 10, 60_000, 500,
            "time between two looks at the runs");
    public static final Setting<Integer> RUNS_STOP_SECONDS = Setting.integer("runs.stop-seconds", 0, 3_600, 30,
            "how long a stopping server waits for the runs' checkpoints");
    public static final Setting<Integer> RUNS_KILL_SECONDS = Setting.integer("runs.kill-seconds", 0, 3_600, 60,
            "a trainer that does not end within this time after a cancel is killed; after a pause, within ten times as long");
    public static final Setting<Optional<Path>> MODELS_BUNDLED = Setting.path("models.bundled",
            "folder of further base models; without it LUTHIER_BUNDLED_MODELS, which the launcher script sets");
    public static final Setting<Map<String, ModelAlias>> MODELS_ALIASES = Setting.table("models.aliases",
            texts -> ModelAlias.table("models.aliases", texts),
            "further names of base models, for example open-mistral-7b: luthier-tiny; with a recipe"
                    + " open-mistral-7b: luthier-tiny@thrifty");
    public static final Setting<String> PROJECTS_ISOLATED = Setting.choice("projects.isolated",
            List.of("auto", "true", "false"),
            "whether keys see the files, jobs and models of their own project only; auto: unless the data directory is"
                    + " of a version that had no such rule");
    public static final Setting<Boolean> MODELS_PER_PROJECT = Setting.flag("models.per-project",
            "where projects are not isolated, isolate their fine-tuned models all the same");
    public static final Setting<Boolean> MISTRAL_PRECISE_STATUS = Setting.flag("mistral.precise-status",
            "show VALIDATING and STARTED in the status of jobs; published polling loops then end early");
    public static final Setting<Boolean> OPENAI_PAUSED_STATUS = Setting.flag("openai.paused-status",
            "show paused in the status of jobs, which is not in OpenAI's schema; otherwise they are queued");
    public static final Setting<String> OPENAI_RESULT_FILES = Setting.choice("openai.result-files",
            List.of("plain", "base64"),
            "how jobs write step_metrics.csv: plain, or base64 as OpenAI's service delivered it");
    public static final Setting<Integer> OPENAI_STREAMS = Setting.integer("openai.event-streams", 1, 10_000, 16,
            "streams of job events that one API key may follow at a time");
    public static final Setting<String> WANDB_PROJECT = Setting.text("wandb.project", "luthier",
            "project of wandb integrations that name none");
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
            "threads of an inference worker, at most one a core; 0 chooses by the size of the model");
    public static final Setting<Integer> SERVE_PROMPT_SECONDS = Setting.integer("serve.prompt-seconds", 1, 3600, 20,
            "how long the chat template, and the tokenizer, may each take for one prompt");

    /** What jobs do that say nothing else; each gives a recipe of its one key. */
    public static final List<Setting<TrainingRecipe>> TRAINING = TrainingKey.ALL.stream()
            .map(KnownSettings::training).toList();
    public static final Setting<Map<String, TrainingRecipe>> RECIPES = Setting.table("recipes",
            texts -> RecipeReader.table("recipes", texts),
            "named recipes, each with some of the keys of training, for aliases of models to name");

    /** In the order in which {@code --help} lists them. */
    public static final List<Setting<?>> ALL = Stream.of(List.of(HOST, PORT, DATA_DIR, CONFIG, PUBLIC_URL, DETACH,
            FILES_MAX_BYTES, FILES_LINE_SECONDS, UPLOADS_MAX_BYTES, UPLOADS_MAX_PART_BYTES, REQUESTS_MAX_JSON_BYTES,
            LIMITS_REQUESTS_PER_MINUTE, //
            ENGINE_COMMAND, ENGINE_DEVICE, RUNS_MAX, RUNS_SAMPLES_PER_STEP, RUNS_THREADS, RUNS_TYPE, RUNS_REUSE_BYTES,
            RUNS_MEMORY_BYTES, RUNS_SEED,
            RUNS_FRUITLESS_ATTEMPTS, RUNS_RETRY_MILLIS,
            RUNS_INTERVAL_MILLIS, RUNS_STOP_SECONDS, RUNS_KILL_SECONDS), TRAINING,
            List.of(RECIPES, //
                    MODELS_BUNDLED, MODELS_ALIASES, PROJECTS_ISOLATED, MODELS_PER_PROJECT, MISTRAL_PRECISE_STATUS,
                    OPENAI_PAUSED_STATUS,
                    OPENAI_RESULT_FILES, OPENAI_STREAMS, WANDB_PROJECT, //
                    SERVE_MEMORY, SERVE_CACHE, SERVE_IDLE_SECONDS, SERVE_LOAD_WAIT_SECONDS, SERVE_ADAPTERS,
                    SERVE_THREADS, SERVE_TYPE, SERVE_PROMPT_SECONDS, //
                    EXIT_WHEN_READY))
            .<Setting<?>>flatMap(List::stream).toList();

    private KnownSettings() {}

    private static Setting<TrainingRecipe> training(TrainingKey<?> key) {
        String name = "training." + key.settingName();
        return Setting.of(name, text -> RecipeReader.setting(name, key, text), TrainingRecipe.EMPTY,
                key.description());
    }

    /** What the server's own settings say about training, built-in values included. */
    public static TrainingRecipe trainingOf(Settings settings) {
        return TRAINING.stream().map(settings::get).reduce(TrainingRecipe.EMPTY, TrainingRecipe::or)
                .or(TrainingRecipe.BUILT_IN);
    }
}
