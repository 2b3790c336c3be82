package dev.luthier.cli.demo;

import dev.luthier.cli.client.ApiClient;
import dev.luthier.cli.client.JobWatch;
import dev.luthier.core.job.JobState;
import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/**
 * The main job, end to end, on a server of its own: upload, fine-tune and chat through the Mistral API, and the proof
 * that the tuned model answers better than its base. Exit status 0 only if it is better by 60 points.
 */
@Command(name = "demo", description = "Fine-tune the bundled model through the API and compare it with its base.")
public final class DemoCommand implements Callable<Integer> {
    private static final String BASE = "luthier-tiny";
    private static final int SHOWN = 5;
    private static final Duration ESTIMATE_PATIENCE = Duration.ofSeconds(30);

    /** What suits a model of this size; the API's own default rate of 0.0001 suits far larger ones. */
    private static final Map<String, Object> HYPERPARAMETERS = Map.of("training_steps", 450, "learning_rate", 0.002);

    @Option(names = "--keep", description = "Leave the server running and print how to reach it.")
    private boolean keep;

    @Option(names = "--json", description = "Print the result as one JSON object, and nothing else.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private DemoCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        String examples = System.getenv("LUTHIER_EXAMPLES");
        if (examples == null) {
            throw Problem.user("no_launcher", "start the demo through the launcher: ./luthier demo").asException();
        }
        Path data = Path.of(examples, "commands");
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter talk = json ? new PrintWriter(PrintWriter.nullWriter()) : out;
        say(talk, "starting a server on a temporary data directory ...");
        try (DemoServer server = DemoServer.start(!keep); ApiClient client = server.client()) {
            DemoResult result = run(client, data, talk);
            if (keep) {
                server.keep();
            }
            out.println(json ? Json.write(result) : summary(result));
            if (keep && !json) {
                out.println(Snippets.of(client, server, result.model()));
            }
            out.flush();
            return result.isSuccess() ? 0 : 1;
        }
    }

    private DemoResult run(ApiClient client, Path data, PrintWriter talk) throws IOException, InterruptedException {
        say(talk, "uploading train.jsonl and valid.jsonl to " + client.base() + "/mistral/v1/files ...");
        String train = upload(client, data.resolve("train.jsonl"));
        String valid = upload(client, data.resolve("valid.jsonl"));
        JsonNode created = client.post("/mistral/v1/fine_tuning/jobs",
                Map.of("model", BASE, "training_files", List.of(Map.of("file_id", train, "weight", 1)),
                        "validation_files", List.of(valid), "hyperparameters", HYPERPARAMETERS, "suffix", "commands",
                        "auto_start", false));
        String job = created.path("id").stringValue();
        say(talk, "created job " + job + "; the server reads every line before it trains ...");
        PrintWriter silent = new PrintWriter(PrintWriter.nullWriter());
        requireState(new JobWatch(client, job, silent).follow(Duration.ofMillis(100)), "VALIDATED");
        say(talk, expectation(awaitEstimate(client, job)));
        client.post("/mistral/v1/fine_tuning/jobs/" + job + "/start", null);
        say(talk, "started; a LoRA adapter is being trained on " + BASE);
        JsonNode ended = json
                ? awaitQuietly(client, job)
                : new JobWatch(client, job, talk).follow(Duration.ofMillis(300));
        requireState(ended, "SUCCEEDED");
        JsonNode tuned = client.get("/mistral/v1/fine_tuning/jobs/" + job);
        return examine(client, data, tuned, ended.path("progress"), talk);
    }

    /** The job with its expected duration, which the idle server measures now; without it should that take too long. */
    private static JsonNode awaitEstimate(ApiClient client, String job) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + ESTIMATE_PATIENCE.toNanos();
        JsonNode status = client.get("/luthier/v1/jobs/" + job);
        while (status.path("plan").path("expected_seconds").doubleValueOpt().isEmpty()
                && System.nanoTime() < deadline) {
            Thread.sleep(100);
            status = client.get("/luthier/v1/jobs/" + job);
        }
        return status;
    }

    private static String expectation(JsonNode status) {
        JsonNode plan = status.path("plan");
        JsonNode training = plan.path("training");
        OptionalDouble seconds = plan.path("expected_seconds").doubleValueOpt();
        String duration = seconds.isPresent()
                ? String.format(Locale.ROOT, "about %.0f s", seconds.getAsDouble())
                : "a time that was not measured on this machine yet";
        int threads = training.path("threads").asInt(1);
        return plan.path("steps").asInt() + " steps are expected to take " + duration + ", computing in "
                + training.path("base_type").asString("") + " with " + threads
                + (threads == 1 ? " thread: " : " threads: ") + training.path("base_type_reason").asString("");
    }

    private static DemoResult examine(ApiClient client, Path data, JsonNode job, JsonNode progress, PrintWriter talk)
            throws IOException, InterruptedException {
        String model = job.path("fine_tuned_model").stringValue();
        List<Question> combinations = Question.read(data.resolve("combinations.jsonl"));
        List<Question> phrasing = Question.read(data.resolve("phrasing.jsonl"));
        say(talk, "asking " + BASE + " and " + model + " the same held-out questions ...");
        Exam exam = new Exam(client);
        List<String> base = exam.answers(BASE, combinations);
        List<String> tuned = exam.answers(model, combinations);
        List<String> unseen = exam.answers(model, phrasing);
        for (int i = 0; i < SHOWN; i++) {
            Question question = combinations.get(i * combinations.size() / SHOWN);
            int index = combinations.indexOf(question);
            talk.println();
            talk.println("  user   " + question.text());
            talk.println("  base   " + oneLine(base.get(index)));
            talk.println("  tuned  " + oneLine(tuned.get(index))
                    + (question.isAnsweredBy(tuned.get(index))
                            ? "  (exact)"
                            : "  (expected " + question.expected() + ")"));
        }
        talk.println();
        long seconds = eventTime(job, "SUCCESS") - eventTime(job, "RUNNING");
        return new DemoResult(Exam.exactMatch(combinations, base), Exam.exactMatch(combinations, tuned),
                Exam.exactMatch(phrasing, unseen), seconds, model, progress.path("step").asInt(),
                job.path("trained_tokens").asLong() / Math.max(seconds, 1));
    }

    /** When the job came into a state, in epoch seconds. */
    private static long eventTime(JsonNode job, String status) {
        for (JsonNode event : job.path("events")) {
            if (event.path("data").path("status").asString("").equals(status)) {
                return event.path("created_at").asLong();
            }
        }
        throw Problem.internal("demo_failed", "the job has no event of its state " + status + ".").asException();
    }

    private static String upload(ApiClient client, Path file) throws IOException {
        return client.upload("/mistral/v1/files", file, "fine-tune").path("id").stringValue();
    }

    private static JsonNode awaitQuietly(ApiClient client, String job) throws IOException, InterruptedException {
        while (true) {
            JsonNode status = client.get("/luthier/v1/jobs/" + job);
            if (JobState.valueOf(status.path("state").stringValue()).isFinal()) {
                return status;
            }
            Thread.sleep(300);
        }
    }

    private static void requireState(JsonNode status, String state) {
        if (!status.path("state").asString().equals(state)) {
            throw Problem.internal("demo_failed", "the job is " + status.path("state").asString() + ", not " + state
                    + ": " + status.path("problem").path("message").asString("no reason given")).asException();
        }
    }

    private static String summary(DemoResult result) {
        return "base exact match: " + result.baseExactMatch() + " %\ntuned exact match: " + result.tunedExactMatch()
                + " %\nunseen phrasing: " + result.unseenPhrasingExactMatch() + " %\ntrained in "
                + result.trainSeconds() + " s";
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.length() <= 110 ? line : line.substring(0, 107) + "...";
    }

    private static void say(PrintWriter talk, String line) {
        talk.println(line);
        talk.flush();
    }
}
