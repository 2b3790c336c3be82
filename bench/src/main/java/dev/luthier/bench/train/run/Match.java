package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Luthier and a peer on the same data, in turn: both are loaded and warm, one runs while the other is stopped, and they
 * change places after some steps. So both meet the same hours of a machine that others use too.
 */
public final class Match {
    private static final int PRODUCT_ROWS = 2048;

    private final Plan plan;
    private final @Nullable Peer opponent;
    private final Path model;
    private final BenchData data;
    private final Path folder;
    private final Consumer<String> said;

    /**
     * @param opponent null to run Luthier alone
     * @param data of as many samples as the plan says
     * @param folder empty; takes the files of the run
     * @param said receives lines about what goes on
     */
    public Match(Plan plan, @Nullable Peer opponent, Path model, BenchData data, Path folder, Consumer<String> said) {
        this.plan = plan;
        this.opponent = opponent;
        this.model = model;
        this.data = data;
        this.folder = folder;
        this.said = said;
    }

    /**
     * Runs it.
     *
     * @throws dev.luthier.core.problem.ProblemException INTERNAL if Luthier fails; a peer may fail
     */
    public MatchResult run() throws IOException, InterruptedException {
        Estimate expected = Estimate.probe(plan, model, data);
        double before = productRate(expected.baseType());
        said.accept(String.format(Locale.ROOT, "expected: %.2f s a step, %.2f GB, %s in %s", expected.secondsPerStep(),
                expected.peakBytes() / 1e9, expected.memoryTier().label(), expected.baseType()));
        try (LuthierProgram luthier = LuthierProgram.start(plan, expected, model, data,
                folder.resolve("luthier"))) {
            play(luthier, 0);
            try (Opponent peer = opponent == null ? Opponent.none() : startPeer(opponent)) {
                peer.play(this, 0);
                for (int round = 1; round <= plan.rounds(); round++) {
                    play(luthier, round);
                    peer.play(this, round);
                }
                luthier.finish();
                peer.finish();
                return result(expected, luthier, peer, Math.max(before, productRate(expected.baseType())));
            }
        } catch (ProgramFailed failed) {
            throw Problem.internal("luthier_failed", "luthier train " + failed.why() + "; see " + failed.log())
                    .asException();
        }
    }

    /** FLOP/s in that type over a training step's products. */
    private double productRate(String type) throws IOException, InterruptedException {
        return 1e9 * EngineCall
                .run(plan.threads(), List.of("bench", "products", "--model", model.toString(), "--type", type,
                        "--rows", String.valueOf(PRODUCT_ROWS)))
                .path("gflops").doubleValue();
    }

    private Opponent startPeer(Peer peer) throws IOException {
        return new Opponent(PeerProgram.start(peer, plan, model, data, folder.resolve(peer.label())));
    }

    /** @param round 0 for the steps that are not counted */
    void play(Program program, int round) throws IOException, InterruptedException, ProgramFailed {
        int last = Plan.WARM_UP_STEPS + round * plan.stepsPerRound();
        program.runTo(last, plan.stepLimitSeconds());
        String name = program instanceof LuthierProgram || opponent == null ? "Luthier" : opponent.title();
        if (round == 0) {
            said.accept(name + ": warm");
        } else {
            Round made = program.round(last - plan.stepsPerRound(), last);
            said.accept(String.format(Locale.ROOT, "%s, round %d: %.0f tokens/s (%.2f s a step)", name, round,
                    made.tokensPerSecond(), made.seconds() / plan.stepsPerRound()));
        }
    }

    private MatchResult result(Estimate expected, LuthierProgram luthier, Opponent peer, double productRate) {
        Map<String, String> versions = new TreeMap<>();
        versions.put("libtorch", luthier.libtorch());
        versions.putAll(peer.versions());
        return new MatchResult(plan, opponent, expected, figures(luthier), peer.figures(this), peer.failure(),
                productRate,
                data.attendedLength(), peer.settings(), versions);
    }

    MatchResult.Figures figures(Program program) {
        List<Round> rounds = new ArrayList<>();
        for (int last = Plan.WARM_UP_STEPS + plan.stepsPerRound(); last <= plan.steps(); last += plan.stepsPerRound()) {
            rounds.add(program.round(last - plan.stepsPerRound(), last));
        }
        return new MatchResult.Figures(rounds, program.peakBytes());
    }
}
