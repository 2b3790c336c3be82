package dev.luthier.server.job;

import dev.luthier.core.run.Progress;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.server.model.AdapterShelf;
import dev.luthier.server.model.FineTunedModel;
import dev.luthier.server.model.FineTunedModels;
import dev.luthier.server.model.RemovalListener;
import dev.luthier.server.store.Database;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Makes the adapters of a run's epochs models while the run goes on, and keeps those of the last three epochs.
 *
 * <p>Files come before rows and go after them, so a model that can be named always has its adapter. A row of
 * {@code job_snapshots} stays when the model has gone: a step that an attempt repeats does not bring back a model that
 * was replaced by later ones or deleted by its user.
 */
final class Snapshots {
    /** How many epochs, the last ones of a job, stay usable. */
    static final int KEPT = 3;

    private final Database database;
    private final FineTunedModels models;
    private final AdapterShelf shelf;
    private final Supplier<Stream<RemovalListener>> listeners;

    /** @param listeners who is told when a model was removed */
    Snapshots(Database database, FineTunedModels models, AdapterShelf shelf,
            Supplier<Stream<RemovalListener>> listeners) {
        this.database = database;
        this.models = models;
        this.shelf = shelf;
        this.listeners = listeners;
    }

    /**
     * Puts the adapters that progress lines tell of on the shelf, without making them models yet. Those that are known
     * already, that are not among the last ones, or that the trainer has removed since are left out.
     *
     * @return the models to be, by step
     */
    Map<Integer, FineTunedModel> place(Job job, RunDirectory run, List<Progress> lines) {
        TreeMap<Integer, Progress.Snapshot> told = new TreeMap<>();
        for (Progress line : lines) {
            if (line instanceof Progress.Snapshot snapshot) {
                told.put(snapshot.step(), snapshot);
            }
        }
        Map<Integer, FineTunedModel> placed = new HashMap<>();
        if (told.isEmpty()) {
            return placed;
        }
        Set<Integer> known = new HashSet<>(steps(database.reader(), job.id()));
        Set<Integer> all = new HashSet<>(known);
        all.addAll(told.keySet());
        all.stream().sorted(Comparator.reverseOrder()).limit(KEPT).filter(step -> !known.contains(step))
                .forEach(step -> {
                    Progress.Snapshot line = Objects.requireNonNull(told.get(step));
                    UUID key = AdapterShelf.snapshotOf(job.id(), step);
                    shelf.keep(run.path().resolve(line.directory()), key).ifPresent(sha256 -> placed.put(step,
                            TrainedModels.of(job, key, step, shelf.place(key), sha256, line.timeMillis())));
                });
        return placed;
    }

    /** Makes a placed adapter a model, inside a write transaction; false when it was one before. */
    boolean add(JdbcClient client, UUID job, Progress.Snapshot line, FineTunedModel model) {
        int added = client.sql("""
                insert into job_snapshots (job_id, step, epoch, directory, created_at)
                values (:job, :step, :epoch, :directory, :time) on conflict (job_id, step) do nothing""")
                .param("job", job.toString()).param("step", line.step()).param("epoch", line.epoch())
                .param("directory", line.directory()).param("time", line.timeMillis()).update();
        if (added > 0) {
            models.insert(client, model);
        }
        return added > 0;
    }

    /** Takes away the models of all but the last epochs, inside a write transaction; {@link #discard} goes on. */
    List<FineTunedModel> removeOld(JdbcClient client, UUID job) {
        List<Integer> kept = steps(client, job).stream().limit(KEPT).toList();
        List<FineTunedModel> old = models.snapshots(client, job).stream().filter(model -> !kept.contains(model.step()))
                .toList();
        old.forEach(model -> models.delete(client, model.uuid()));
        return old;
    }

    /** Removes the files of models that are models no more, after the commit. */
    void discard(List<FineTunedModel> gone) {
        for (FineTunedModel model : gone) {
            shelf.discard(model.uuid());
            listeners.get().forEach(listener -> listener.removed(model));
        }
    }

    /** At start: removes what a server left behind that was killed between a commit and {@link #discard}. */
    void sweep() {
        database.reader().sql("""
                select s.job_id, s.step from job_snapshots s
                left join fine_tuned_models m on m.job_id = s.job_id and coalesce(m.step, 0) = s.step
                where m.id is null""")
                .query((row, index) -> AdapterShelf.snapshotOf(UUID.fromString(row.getString("job_id")),
                        row.getInt("step")))
                .list().forEach(shelf::discard);
    }

    /** Steps of all snapshots that ever were models, the latest first. */
    static List<Integer> steps(JdbcClient client, UUID job) {
        return client.sql("select step from job_snapshots where job_id = :job order by step desc")
                .param("job", job.toString()).query((row, index) -> row.getInt(1)).list();
    }
}
