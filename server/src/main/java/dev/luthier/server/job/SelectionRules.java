package dev.luthier.server.job;

import dev.luthier.core.run.RunSpec.Selection;
import dev.luthier.server.training.TrainingKey;
import dev.luthier.server.training.TrainingRecipe;
import java.util.List;

/**
 * Which step's adapter a job ends with, and when it stops early. A request that asks for what cannot be is at fault; what
 * recipes and settings say holds for jobs that have validation files.
 */
final class SelectionRules {
    private static final List<TrainingKey<?>> OF_EARLY_STOPPING = List.of(TrainingKey.EARLY_STOPPING_PATIENCE,
            TrainingKey.EARLY_STOPPING_MIN_DELTA, TrainingKey.EARLY_STOPPING_WARMUP_EVALS);

    private SelectionRules() {}

    /**
     * @param all what request, recipe and settings say together
     * @param validated whether the job has validation files
     */
    static Selection selection(TrainingRecipe all, boolean validated) {
        int evaluations = all.orBuiltIn(TrainingKey.N_EVALS);
        boolean stops = validated && all.orBuiltIn(TrainingKey.EARLY_STOPPING_ENABLED);
        boolean best = stops || (validated && all.orBuiltIn(TrainingKey.BEST_CHECKPOINT));
        return stops
                ? new Selection(best, all.orBuiltIn(TrainingKey.EARLY_STOPPING_PATIENCE),
                        all.orBuiltIn(TrainingKey.EARLY_STOPPING_MIN_DELTA),
                        all.orBuiltIn(TrainingKey.EARLY_STOPPING_WARMUP_EVALS), evaluations)
                : new Selection(best, 0, 0, 0, evaluations);
    }

    static void check(TrainingRecipe request, TrainingRecipe all, boolean validated, TrainingResolver.Faults faults) {
        boolean stops = all.orBuiltIn(TrainingKey.EARLY_STOPPING_ENABLED);
        if (!validated) {
            needsValidation(request, TrainingKey.EARLY_STOPPING_ENABLED,
                    Boolean.TRUE.equals(request.get(TrainingKey.EARLY_STOPPING_ENABLED)), faults);
            needsValidation(request, TrainingKey.BEST_CHECKPOINT,
                    Boolean.TRUE.equals(request.get(TrainingKey.BEST_CHECKPOINT)), faults);
            Integer evaluations = request.get(TrainingKey.N_EVALS);
            needsValidation(request, TrainingKey.N_EVALS, evaluations != null && evaluations > 0, faults);
        } else if (stops) {
            checkEvaluations(all, faults);
            if (Boolean.FALSE.equals(request.get(TrainingKey.BEST_CHECKPOINT))) {
                faults.add(TrainingKey.BEST_CHECKPOINT, "contradiction", request.origin(TrainingKey.BEST_CHECKPOINT)
                        + " is false, but a job that stops early ends with its best adapter. Leave it out.");
            }
        }
        if (!stops) {
            OF_EARLY_STOPPING.stream().filter(request::says).forEach(key -> faults.add(key, "contradiction",
                    request.origin(key) + " has no effect unless early_stopping_enabled is true. Add that, or leave"
                            + " this out."));
        }
    }

    private static void needsValidation(TrainingRecipe request, TrainingKey<?> key, boolean wanted,
            TrainingResolver.Faults faults) {
        if (wanted) {
            faults.add(key, "contradiction", request.origin(key) + " needs a validation file, on which losses are"
                    + " compared. Name one, or leave this out.");
        }
    }

    private static void checkEvaluations(TrainingRecipe all, TrainingResolver.Faults faults) {
        int evaluations = all.orBuiltIn(TrainingKey.N_EVALS);
        int least = all.orBuiltIn(TrainingKey.EARLY_STOPPING_PATIENCE)
                + all.orBuiltIn(TrainingKey.EARLY_STOPPING_WARMUP_EVALS) + 1;
        if (evaluations > 0 && evaluations < least) {
            faults.add(TrainingKey.N_EVALS, "out_of_range", all.origin(TrainingKey.N_EVALS) + " must be at least "
                    + least + ", early_stopping_patience + early_stopping_warmup_evals + 1, not " + evaluations
                    + ": the job could never stop early.");
        }
    }
}
