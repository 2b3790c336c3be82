package dev.luthier.bench.train.report;

import dev.luthier.bench.train.input.BenchShape;
import dev.luthier.bench.train.input.DataKind;
import dev.luthier.bench.train.run.MatchResult;
import dev.luthier.bench.train.run.MatchResult.Figures;
import dev.luthier.bench.train.run.Peer;
import dev.luthier.bench.train.run.Plan;
import dev.luthier.bench.train.run.Round;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Markdown of reports: for each shape and data set what each program reached, and Luthier's ratios to its peers. */
public final class Tables {
    private Tables() {}

    /** Everything that the reports hold; what several of them hold appears once for each. */
    public static String markdown(List<Report> reports) {
        List<String> parts = new ArrayList<>();
        for (BenchShape shape : BenchShape.values()) {
            for (DataKind data : DataKind.values()) {
                reports.stream().flatMap(report -> report.matches().stream())
                        .filter(match -> match.plan().shape() == shape && match.plan().data() == data)
                        .collect(Collectors.groupingBy(match -> match.expected().baseType(), TreeMap::new,
                                Collectors.toList()))
                        .values().forEach(matches -> parts.add(group(matches)));
            }
        }
        reports.forEach(report -> parts.add(origin(report)));
        return String.join("\n", parts);
    }

    private static String group(List<MatchResult> matches) {
        Plan plan = matches.getFirst().plan();
        List<String> lines = new ArrayList<>();
        String type = matches.getFirst().expected().baseType();
        lines.add("### " + plan.shape().title() + " in " + type + ", " + plan.data() + ": " + plan.data().title());
        lines.add("");
        lines.add("| program | real tokens/s | target tokens/s | peak memory | MFU |");
        lines.add("|---|---|---|---|---|");
        for (MatchResult match : matches) {
            Peer opponent = match.opponent();
            lines.add(row(opponent == null ? "Luthier" : "Luthier, in turn with " + opponent.title(), match,
                    match.luthier()));
            if (opponent != null) {
                lines.add(row(opponent.title(), match, match.peer()));
            }
        }
        lines.add("");
        lines.addAll(ratios(matches));
        lines.addAll(estimates(matches));
        Spread utilisation = Spread.of(matches.stream().flatMapToDouble(match -> match.luthier().rounds().stream()
                .mapToDouble(round -> TrainingFlops.utilisation(match, round))).toArray());
        String goal = Goals.atLeast(Goals.utilisation(plan, type), utilisation.median());
        if (!goal.isEmpty()) {
            lines.add("MFU of Luthier over all its rounds: " + utilisation.text(2) + ", " + goal + ".");
            lines.add("");
        }
        matches.stream().map(match -> settings(match.plan())).distinct().forEach(line -> {
            lines.add(line);
            lines.add("");
        });
        return String.join("\n", lines);
    }

    private static String settings(Plan plan) {
        return String.format(Locale.ROOT,
                "Samples a step: %d; rounds: %d; steps a round: %d, after %d that are not counted; threads: %d each;"
                        + " Luthier's packs: %,d tokens.",
                plan.samplesPerStep(), plan.rounds(), plan.stepsPerRound(), Plan.WARM_UP_STEPS, plan.threads(),
                plan.microBatchTokens());
    }

    private static String row(String name, MatchResult match, @Nullable Figures figures) {
        if (figures == null) {
            return "| " + name + " | did not run: " + cell(String.valueOf(match.failure())) + " | | | |";
        }
        return String.format(Locale.ROOT, "| %s | %s | %s | %.2f GB | %s |", name,
                spread(figures, Round::tokensPerSecond).text(0), spread(figures, Round::targetsPerSecond).text(0),
                figures.peakBytes() / 1e9,
                spread(figures, round -> TrainingFlops.utilisation(match, round)).text(2));
    }

    private static List<String> ratios(List<MatchResult> matches) {
        List<String> lines = new ArrayList<>();
        for (MatchResult match : matches) {
            Figures peer = match.peer();
            Peer opponent = match.opponent();
            if (peer == null || opponent == null) {
                continue;
            }
            Plan plan = match.plan();
            Spread speed = Spread.of(IntStream.range(0, peer.rounds().size())
                    .mapToDouble(i -> match.luthier().rounds().get(i).tokensPerSecond()
                            / peer.rounds().get(i).tokensPerSecond())
                    .toArray());
            double memory = (double) match.luthier().peakBytes() / peer.peakBytes();
            lines.add(String.format(Locale.ROOT, "| %s | %s | %s | %.2f | %s |", opponent.title(), speed.text(2),
                    Goals.atLeast(Goals.speed(plan, match.expected().baseType(), opponent), speed.median()), memory,
                    Goals.atMost(Goals.memory(plan, match.expected().baseType(), opponent), memory)));
        }
        if (!lines.isEmpty()) {
            lines.addAll(0, List.of("| Luthier to | real tokens/s | goal | peak memory | goal |",
                    "|---|---|---|---|---|"));
            lines.add("");
        }
        return lines;
    }

    private static List<String> estimates(List<MatchResult> matches) {
        List<String> lines = new ArrayList<>(List.of(
                "| `luthier probe` before | tier | expected s a step | measured (rounds) | goal | expected peak memory | measured | goal |",
                "|---|---|---|---|---|---|---|---|"));
        for (MatchResult match : matches) {
            double stepsPerRound = match.plan().stepsPerRound();
            Spread seconds = spread(match.luthier(), round -> round.seconds() / stepsPerRound);
            // The estimate is of the mean step; rounds differ in their samples.
            double mean = match.luthier().rounds().stream().mapToDouble(Round::seconds).average().orElseThrow()
                    / stepsPerRound;
            double expectedBytes = match.expected().peakBytes();
            double bytes = match.luthier().peakBytes();
            lines.add(
                    String.format(Locale.ROOT, "| %s | %s | %.2f | %.2f (%.2f to %.2f) | %s | %.2f GB | %.2f GB | %s |",
                            match.opponent() == null ? "Luthier alone" : match.opponent().title(),
                            match.expected().memoryTier().label(), match.expected().secondsPerStep(),
                            mean, seconds.least(), seconds.greatest(),
                            Goals.within(Goals.TIME_ESTIMATE, match.expected().secondsPerStep(), mean),
                            expectedBytes / 1e9, bytes / 1e9,
                            Goals.within(Goals.MEMORY_ESTIMATE, expectedBytes, bytes)));
        }
        lines.add("");
        return lines;
    }

    private static Spread spread(Figures figures, ToDoubleFunction<Round> figure) {
        return Spread.of(figures.rounds().stream().mapToDouble(figure).toArray());
    }

    private static String origin(Report report) {
        Map<String, String> versions = new TreeMap<>();
        report.matches().forEach(match -> versions.putAll(match.versions()));
        Spread rate = Spread.of(report.matches().stream().mapToDouble(match -> match.productRate() / 1e9).toArray());
        String types = report.matches().stream().map(match -> match.expected().baseType()).distinct()
                .collect(Collectors.joining(" and "));
        List<String> lines = new ArrayList<>();
        lines.add("`" + report.command() + "`, " + report.date() + ": " + report.machine().text() + "; "
                + words(versions) + "; " + types + " products of the models' shapes " + rate.text(0) + " GFLOP/s.");
        Map<Peer, String> settings = new TreeMap<>();
        report.matches().forEach(match -> {
            if (match.opponent() != null && !match.settings().isEmpty()) {
                settings.put(match.opponent(), words(match.settings()));
            }
        });
        settings.forEach((peer, words) -> lines.add(peer.title() + ": " + words + "."));
        return String.join("\n\n", lines) + "\n";
    }

    private static String words(Map<String, String> named) {
        return named.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    /** Text that does not end its cell. */
    private static String cell(String text) {
        return text.replace("|", "\\|").replace('\n', ' ');
    }
}
