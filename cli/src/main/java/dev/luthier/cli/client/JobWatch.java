package dev.luthier.cli.client;

import dev.luthier.core.job.JobState;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import tools.jackson.databind.JsonNode;

/**
 * Follows a job: a progress bar with step, loss, validation loss, tokens per second and time left on a terminal;
 * elsewhere a line for each change of state and each tenth of the steps.
 */
public final class JobWatch {
    private static final Set<JobState> RESTING = Set.of(JobState.VALIDATED, JobState.PAUSED);

    /** The launcher alone can ask whether standard output is a terminal. */
    private static final boolean TERMINAL = "1".equals(System.getenv("LUTHIER_TTY"));

    private final ApiClient client;
    private final String job;
    private final PrintWriter out;

    public JobWatch(ApiClient client, String job, PrintWriter out) {
        this.client = client;
        this.job = job;
        this.out = out;
    }

    /** Waits until the job needs no more waiting: final, or resting until somebody starts it. Gives its last state. */
    public JsonNode follow(Duration interval) throws IOException, InterruptedException {
        String shown = "";
        int tenths = 0;
        ProgressBar bar = null;
        try {
            while (true) {
                JsonNode status = client.get("/luthier/v1/jobs/" + ApiClient.encode(job));
                JobState state = JobState.valueOf(status.path("state").stringValue());
                JsonNode progress = status.path("progress");
                int steps = progress.path("total_steps").asInt(0);
                if (!state.name().equals(shown) && bar == null) {
                    out.println(job + " " + state.name().toLowerCase(Locale.ROOT));
                }
                if (state == JobState.RUNNING && steps > 0) {
                    if (TERMINAL) {
                        bar = bar == null ? bar(steps) : bar;
                        bar.stepTo(progress.path("step").asInt());
                        bar.setExtraMessage(figures(progress));
                    } else if (progress.path("step").asInt() * 10 / steps > tenths) {
                        tenths = progress.path("step").asInt() * 10 / steps;
                        out.println("step " + progress.path("step").asInt() + "/" + steps + figures(progress));
                    }
                }
                out.flush();
                shown = state.name();
                if (state.isFinal() || RESTING.contains(state)) {
                    if (bar != null) {
                        bar.stepTo(progress.path("step").asInt());
                        bar.close();
                        bar = null;
                        out.println(job + " " + state.name().toLowerCase(Locale.ROOT));
                    }
                    status.path("problem").path("message").stringValueOpt().ifPresent(out::println);
                    out.flush();
                    return status;
                }
                Thread.sleep(interval);
            }
        } finally {
            if (bar != null) {
                bar.close();
            }
        }
    }

    private static ProgressBar bar(int steps) {
        return new ProgressBarBuilder().setTaskName("training").setInitialMax(steps).setUnit(" steps", 1)
                .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(250).continuousUpdate().hideEta().build();
    }

    private static String figures(JsonNode progress) {
        StringBuilder text = new StringBuilder();
        progress.path("loss").doubleValueOpt()
                .ifPresent(loss -> text.append(String.format(Locale.ROOT, " loss %.3f", loss)));
        progress.path("valid_loss").doubleValueOpt()
                .ifPresent(loss -> text.append(String.format(Locale.ROOT, " valid %.3f", loss)));
        progress.path("tokens_per_second").doubleValueOpt()
                .ifPresent(rate -> text.append(String.format(Locale.ROOT, " %.0f tok/s", rate)));
        progress.path("seconds_left").doubleValueOpt()
                .ifPresent(left -> text.append(String.format(Locale.ROOT, " %.0f s left", left)));
        return text.toString();
    }
}
