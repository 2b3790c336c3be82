package dev.luthier.bench.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.bench.train.run.Estimate;
import dev.luthier.bench.train.run.MatchResult;
import dev.luthier.bench.train.run.MatchResult.Figures;
import dev.luthier.bench.train.run.Peer;
import dev.luthier.bench.train.run.Plan;
import dev.luthier.bench.train.run.Round;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablesTest {
    private static final Plan PLAN = new Plan(BenchShape.SMOLLM2_135M, DataKind.D2, "auto", 2, 1, 8, 2, MemoryTier.KEEP,
            2048,
            2048, 10);
    private static final Figures LUTHIER = new Figures(
            List.of(new Round(4096, 4088, 8), new Round(4096, 4088, 10)), 3_000_000_000L);
    private static final Figures TRL = new Figures(List.of(new Round(4096, 4088, 24), new Round(4096, 4088, 20)),
            8_000_000_000L);

    private static final Estimate EXPECTED = new Estimate("bf16", Quantization.NONE, MemoryTier.KEEP, 8.5,
            2_900_000_000L);

    @TempDir
    private Path folder;

    private static Report report(MatchResult... matches) {
        return new Report("2026-01-02", "bench/run train", new Machine("CPU", 2, 25, 0.5, "25", "abc"),
                List.of(matches));
    }

    private static MatchResult match(Peer peer, @Nullable Figures figures, @Nullable String failure) {
        return new MatchResult(PLAN, peer, EXPECTED, LUTHIER, figures, failure, 400e9, 512, Map.of("batch", "8"),
                Map.of("trl", "1.16.0"));
    }

    @Test
    void figuresAreMediansWithLeastAndGreatestOfTheRounds() {
        assertThat(Tables.markdown(List.of(report(match(Peer.DEFAULT, TRL, null))))).contains(
                "### SmolLM2-135M in bf16, D2: 512 tokens, all targets\n",
                "| Luthier, in turn with TRL default | 461 (410 to 512) | 460 (409 to 511) | 3.00 GB | 0.72 (0.64 to 0.81) |\n",
                "| TRL default | 188 (171 to 205) | 187 (170 to 204) | 8.00 GB | 0.30 (0.27 to 0.32) |\n");
    }

    @Test
    void ratiosAreThoseOfRoundsThatWereRunInTurn() {
        assertThat(Tables.markdown(List.of(report(match(Peer.TUNED, TRL, null))))).contains(
                "| Luthier to | real tokens/s | goal | peak memory | goal |\n",
                "| TRL tuned | 2.50 (2.00 to 3.00) | at least 1.9: met | 0.38 |  |\n",
                "MFU of Luthier over all its rounds: 0.72 (0.64 to 0.81), at least 0.63: met.\n");
    }

    @Test
    void whatWasExpectedStandsBesideTheMeanOfWhatHappened() {
        Figures rounds = new Figures(List.of(new Round(4096, 4088, 8), new Round(4096, 4088, 8),
                new Round(4096, 4088, 11)), 3_000_000_000L);
        MatchResult alone = new MatchResult(PLAN, null, EXPECTED, rounds, null, null, 400e9, 512, Map.of(), Map.of());
        assertThat(Tables.markdown(List.of(report(alone))))
                .contains("| Luthier alone | keep | 8.50 | 9.00 (8.00 to 11.00) | +6 %, within 15 %: met"
                        + " | 2.90 GB | 3.00 GB | +3 %, within 10 %: met |\n");
    }

    @Test
    void peerThatFailedSaysWhy() {
        assertThat(Tables.markdown(List.of(report(match(Peer.COMPILED, null, "Error: a | b"))))).contains(
                "| TRL tuned, torch.compile | did not run: Error: a \\| b | | | |\n").doesNotContain("Luthier to");
    }

    @Test
    void whereFiguresComeFromStandsBelow() {
        assertThat(Tables.markdown(List.of(report(match(Peer.DEFAULT, TRL, null))))).contains(
                "`bench/run train`, 2026-01-02: CPU, 2 cores, 25 GB, load average before 0.5; commit abc, JDK 25; trl 1.16.0; "
                        + "bf16 products of the models' shapes 400 (400 to 400) GFLOP/s.",
                "TRL default: batch 8.\n");
    }

    @Test
    void reportsAreReadAsTheyWereWritten() throws IOException {
        Report report = report(match(Peer.DEFAULT, TRL, null), match(Peer.COMPILED, null, "no compiler"));
        report.write(folder.resolve("report.json"));
        assertThat(Report.read(folder.resolve("report.json"))).isEqualTo(report);
    }

    @Test
    void severalReportsMakeOneTable() {
        String tables = Tables.markdown(
                List.of(report(match(Peer.DEFAULT, TRL, null)), report(match(Peer.TUNED, TRL, null))));
        assertThat(tables.lines().filter(line -> line.startsWith("### "))).hasSize(1);
        assertThat(tables).contains("| TRL default | 188", "| TRL tuned | 188");
    }

    @Test
    void settingsOfAllRunsInATableAreTold() {
        MatchResult one = match(Peer.DEFAULT, TRL, null);
        MatchResult other = new MatchResult(
                new Plan(BenchShape.SMOLLM2_135M, DataKind.D2, "auto", 2, 1, 4, 2, MemoryTier.KEEP, 2048, 2048, 10),
                Peer.TUNED, EXPECTED, LUTHIER, TRL, null, 400e9, 512, Map.of(), Map.of());
        assertThat(Tables.markdown(List.of(report(one, one), report(other))).lines()
                .filter(line -> line.startsWith("Samples a step: "))).hasSize(2);
    }
}
