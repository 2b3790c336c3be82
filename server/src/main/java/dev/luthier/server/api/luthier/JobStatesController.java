package dev.luthier.server.api.luthier;

import dev.luthier.core.job.JobState;
import dev.luthier.core.problem.Problem;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.JobForm;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobFilter;
import dev.luthier.server.job.JobPlan;
import dev.luthier.server.job.JobProgress;
import dev.luthier.server.job.JobRequest;
import dev.luthier.server.job.JobService;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Scope;
import dev.luthier.server.store.Page;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Jobs of either dialect as they are: precise state, progress, reason of failure, the trainer's log. */
@RestController
@RequestMapping("/luthier/v1/jobs")
public final class JobStatesController {
    private final JobService jobs;
    private final List<JobForm> forms;

    /** @param forms one for each dialect */
    JobStatesController(JobService jobs, List<JobForm> forms) {
        this.jobs = jobs;
        this.forms = List.copyOf(forms);
    }

    /**
     * A job's state. Times are Unix seconds.
     *
     * @param attempt number of processes started for it
     * @param problem why it is FAILED or INVALID
     * @param forms how each dialect's clients see it
     */
    record StateJson(String id, String object, JobState state, String dialect, String model, String baseModel,
            @Nullable String fineTunedModel, Map<String, FormJson> forms, int seed, int attempt, ProgressJson progress,
            @Nullable PlanJson plan,
            @Nullable ProblemJson problem, long createdAt, long modifiedAt, @Nullable Long finishedAt) {

        static StateJson of(Job job, List<JobForm> forms) {
            JobPlan plan = job.plan();
            return new StateJson(job.id().toString(), "luthier.job", job.state(), job.request().dialect(),
                    job.request().model(), job.request().baseModel(), job.fineTunedModel(),
                    forms.stream().collect(Collectors.toMap(JobForm::dialect, form -> FormJson.of(job, form))),
                    job.request().seed(),
                    job.attempt(), ProgressJson.of(job.progress(), plan),
                    plan == null ? null : PlanJson.of(job.request(), plan),
                    job.problem() == null ? null : ProblemJson.of(job.problem()), job.createdAtMillis() / 1000,
                    job.modifiedAtMillis() / 1000,
                    job.finishedAtMillis() == null ? null : job.finishedAtMillis() / 1000);
        }
    }

    record FormJson(String id, String status, @Nullable String fineTunedModel) {

        static FormJson of(Job job, JobForm form) {
            return new FormJson(form.id(job), form.status(job.state()), form.fineTunedModel(job));
        }
    }

    record StateListJson(String object, List<StateJson> data, long total) {}

    /** How far training is; losses are nats per target token. */
    record ProgressJson(int step, int totalSteps, @Nullable Double loss, @Nullable Double validLoss, long tokens,
            @Nullable Double tokensPerSecond, @Nullable Double secondsLeft) {

        static ProgressJson of(JobProgress progress, @Nullable JobPlan plan) {
            int total = progress.totalSteps() == 0 && plan != null ? plan.steps() : progress.totalSteps();
            return new ProgressJson(progress.step(), total, progress.loss(), progress.validLoss(), progress.tokens(),
                    progress.tokensPerSecond(), progress.secondsLeft());
        }
    }

    /**
     * What reading the data came to.
     *
     * @param training how the adapter is trained, under the names of the keys of training
     */
    record PlanJson(int steps, double epochs, int samplesPerStep, int maxSampleTokens, long trainingSamples,
            long validationSamples, long skippedSamples, long dataTokens, long trainTokens, int longestSample,
            @Nullable Double expectedSeconds, Map<String, Object> training) {

        static PlanJson of(JobRequest request, JobPlan plan) {
            return new PlanJson(plan.steps(), plan.epochs(), plan.samplesPerStep(), plan.maxSampleTokens(),
                    plan.trainingSamples(), plan.validationSamples(), plan.skippedSamples(), plan.dataTokens(),
                    plan.trainTokens(), plan.longestSample(), plan.expectedSeconds(), request.training().facts(plan));
        }
    }

    record ProblemJson(String kind, String code, String message, @Nullable String param) {

        static ProblemJson of(Problem problem) {
            return new ProblemJson(problem.kind().name().toLowerCase(Locale.ROOT), problem.code(), problem.message(),
                    problem.param());
        }
    }

    record RemovedJson(String id, String object, boolean deleted) {}

    /** Jobs of both dialects, newest first; {@code status} is one of either dialect or a state, in either case. */
    @GetMapping
    @RequiresScope(Scope.READ)
    StateListJson list(Principal caller, Query query) {
        Page page = query.page();
        String status = query.text("status");
        Set<JobState> states = status == null ? Set.of() : states(status);
        if (status != null && states.isEmpty()) {
            query.fault("unknown_value", "status", "status \"" + status + "\" is unknown. Use "
                    + String.join(", ", statuses()) + ".");
        }
        query.finish();
        JobService.Listing listing = jobs.list(caller, JobFilter.ALL.withStates(states), page);
        return new StateListJson("list", listing.jobs().stream().map(job -> StateJson.of(job, forms)).toList(),
                listing.total());
    }

    private Set<JobState> states(String status) {
        Set<JobState> states = EnumSet.noneOf(JobState.class);
        forms.forEach(form -> states.addAll(form.states(status)));
        Arrays.stream(JobState.values()).filter(state -> state.name().equalsIgnoreCase(status)).forEach(states::add);
        return states;
    }

    private List<String> statuses() {
        return Stream.concat(forms.stream().flatMap(form -> form.statuses().stream()),
                Arrays.stream(JobState.values()).map(JobState::name)).map(name -> name.toLowerCase(Locale.ROOT))
                .distinct().sorted().toList();
    }

    @GetMapping("/{job_id}")
    @RequiresScope(Scope.READ)
    StateJson get(Principal caller, Query query, @PathVariable("job_id") String id) {
        query.finish();
        return StateJson.of(jobs.get(caller, uuid(id)), forms);
    }

    /**
     * What the trainer wrote, from a byte offset on; the next offset is this one plus the length of the answer. Who does
     * not run the server sees the paths in it masked, and lines once they are whole.
     */
    @GetMapping("/{job_id}/logs")
    @RequiresScope(Scope.READ)
    void logs(Principal caller, Query query, @PathVariable("job_id") String id, HttpServletResponse response)
            throws IOException {
        int offset = query.integer("offset", 0, Integer.MAX_VALUE, 0);
        query.finish();
        Job job = jobs.get(caller, uuid(id));
        Path log = jobs.log(job);
        response.setContentType("text/plain");
        response.setCharacterEncoding("UTF-8");
        if (!Files.exists(log)) {
            return; // no process was started yet
        }
        if (!caller.role().has(Scope.INSTANCE)) {
            MaskedLog.copy(log, offset, job.state().isFinal(), response.getOutputStream());
            return;
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r");
                WritableByteChannel out = Channels.newChannel(response.getOutputStream())) {
            long end = file.length();
            long position = offset;
            while (position < end) {
                position += file.getChannel().transferTo(position, end - position, out);
            }
        }
    }

    /** Removes an ended job with its run directory; its model stays. */
    @DeleteMapping("/{job_id}")
    @RequiresScope(Scope.WRITE)
    RemovedJson remove(Principal caller, Query query, @PathVariable("job_id") String id) {
        query.finish();
        UUID job = uuid(id);
        jobs.remove(caller, job);
        return new RemovedJson(job.toString(), "luthier.job", true);
    }

    private static UUID uuid(String id) {
        return Ids.parse(Ids.JOB, id).orElseThrow(() -> JobService.notFound(id).asException());
    }
}
