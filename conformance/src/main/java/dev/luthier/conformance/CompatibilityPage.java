package dev.luthier.conformance;

import dev.luthier.conformance.SuiteResult.Check;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The page of documentation that a whole run writes: for each dialect a table of routes and SDKs. */
final class CompatibilityPage {
    private CompatibilityPage() {}

    /** Markdown. */
    static String of(List<SuiteResult> results, LocalDate date, String system) {
        StringBuilder page = new StringBuilder(
                """
                        # Compatibility

                        Official, unmodified SDKs against a live `./luthier serve`. **This page is written by `conformance/run`**, from
                        the results of one run over all suites, and never by hand: run it again to change it.

                        Last run: %s, on %s, with the base model `luthier-tiny`.

                        `pass`: the call was made, its answer read by the SDK's own types and its contents checked. `FAIL`: it was not.
                        `n/a`: the SDK has no such call. `skipped`: the machine of the run lacked what the suite needs. Rows that begin
                        with a number are faults, provoked on purpose and checked to arrive as the SDK's exception for them. Lists were read
                        with a small limit, page by page to the end. A paused job and a file over 2 GiB were in the lists.
                        [conformance/README.md](../conformance/README.md) says how suites are run and added.
                        """
                        .formatted(date, system));
        for (Dialect dialect : Dialect.values()) {
            List<SuiteResult> columns = results.stream().filter(result -> result.suite().dialect() == dialect).toList();
            if (!columns.isEmpty()) {
                page.append("\n## ").append(dialect.title()).append("\n\n").append(table(dialect, columns));
            }
        }
        List<SuiteResult> skipped = results.stream().filter(result -> result.skipped().isPresent()).toList();
        if (!skipped.isEmpty()) {
            page.append("\n## Skipped\n\n");
            skipped.forEach(result -> page.append("- `").append(result.suite().label()).append("`: ")
                    .append(result.skipped().orElseThrow()).append('\n'));
        }
        return page.toString();
    }

    private static String table(Dialect dialect, List<SuiteResult> columns) {
        StringBuilder table = new StringBuilder("| route |");
        columns.forEach(column -> table.append(' ').append(column.suite().language()).append("<br>")
                .append(column.sdk()).append(" |"));
        table.append("\n|---|").append("---|".repeat(columns.size())).append('\n');
        for (String route : dialect.routes()) {
            table.append(columns.stream().map(column -> cell(column, route))
                    .collect(Collectors.joining(" | ", "| `" + route + "` | ", " |\n")));
        }
        return table.toString();
    }

    private static String cell(SuiteResult column, String route) {
        if (column.skipped().isPresent()) {
            return "skipped";
        }
        Check check = column.checks().get(route);
        return switch (Objects.requireNonNullElse(check, new Check(SuiteResult.Outcome.FAIL, "")).outcome()) {
            case PASS -> "pass";
            case FAIL -> "**FAIL**";
            case NOT_APPLICABLE -> "n/a";
        };
    }
}
