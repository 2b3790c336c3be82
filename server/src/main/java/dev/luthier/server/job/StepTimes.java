package dev.luthier.server.job;

import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.plan.CpuKind;
import dev.luthier.core.plan.EngineLibrary;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.StepCosts;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.server.model.BaseModel;
import dev.luthier.server.store.Database;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;

/**
 * What {@code luthier probe} measured on this host, by base model and everything of a job that decides its
 * speed. What was asked for in vain is remembered as wanted. Safe for use by several threads.
 */
final class StepTimes {
    private static final int MAX_WANTED = 32;

    private final Database database;
    private final RunSettings settings;
    private final InstantSource clock;
    private final LinkedHashSet<SpeedProfile> wanted = new LinkedHashSet<>();

    StepTimes(Database database, RunSettings settings, InstantSource clock) {
        this.database = database;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * What a job is expected to take.
     *
     * @param seconds start to end
     * @param stepSeconds of a step on average
     * @param peakBytes memory of the trainer
     */
    record Estimate(double seconds, double stepSeconds, long peakBytes) {

        static Estimate of(ProbeReport probed, TrainingWork work, int steps) {
            StepCosts costs = probed.costs();
            double training = costs.training(work.steps().all()) - costs.lowerLayers(work.steps().prepared())
                    + steps * costs.secondsPerUpdate();
            double evaluation = costs.evaluation(work.evaluation().all())
                    - costs.lowerLayers(work.evaluation().prepared());
            double preparation = costs.lowerLayers(work.prepared());
            return new Estimate(probed.loadSeconds() + preparation + training + evaluation, training / steps,
                    probed.peakBytes());
        }
    }

    /** What the plan's training takes; empty while no such job was measured here. */
    Optional<Estimate> estimate(BaseModel base, TrainingSettings training, JobPlan plan) {
        Arithmetic arithmetic = plan.arithmetic();
        if (arithmetic == null) {
            return Optional.empty(); // a plan of an earlier version
        }
        SpeedProfile shape = SpeedProfile.of(base, training, plan, arithmetic);
        Optional<ProbeReport> measured = find(base, shape);
        if (measured.isEmpty()) {
            want(shape);
        }
        TrainingWork work = plan.work();
        return work == null ? Optional.empty() : measured.map(probed -> Estimate.of(probed, work, plan.steps()));
    }

    /** Asks for a measurement. Of too many wishes the newest are dropped: whoever needs them asks again. */
    void want(SpeedProfile shape) {
        synchronized (wanted) {
            if (wanted.size() < MAX_WANTED) {
                wanted.add(shape);
            }
        }
    }

    Optional<ProbeReport> find(BaseModel base, SpeedProfile shape) {
        return database.reader().sql("select result from probe_results where probe_key = :key")
                .param("key", key(base, shape)).query(String.class).optional()
                .flatMap(StepTimes::read);
    }

    /* One that cannot be read is measured again, as one that is not there. */
    private static Optional<ProbeReport> read(String text) {
        try {
            return Optional.of(JobDocuments.PROBE.read(text, "what a probe measured"));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    void store(BaseModel base, SpeedProfile shape, ProbeReport measured) {
        database.writeVoid(client -> client.sql("""
                insert into probe_results (probe_key, result, created_at) values (:key, :result, :now)
                on conflict (probe_key) do update set result = excluded.result, created_at = excluded.created_at""")
                .param("key", key(base, shape)).param("result", JobDocuments.PROBE.write(measured))
                .param("now", clock.millis())
                .update());
    }

    /** What was asked for and is not known, the longest wanted; taking it removes it. */
    Optional<SpeedProfile> takeWanted() {
        synchronized (wanted) {
            return wanted.isEmpty() ? Optional.empty() : Optional.of(wanted.removeFirst());
        }
    }

    /** Everything that a measurement depends on. */
    private String key(BaseModel base, SpeedProfile shape) {
        return String.join("|", "4", base.name(), Long.toString(base.createdAtMillis()),
                Long.toString(base.parameters()),
                shape.key(), settings.device().label(), CpuKind.name(), EngineLibrary.VERSION);
    }
}
