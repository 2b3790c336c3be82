package dev.luthier.conformance;

import dev.luthier.conformance.SuiteResult.Check;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The page of documentation that a whole run writes: for each dialect a table of routes and SDKs. */
final class CompatibilityPage {
    private static final String RESERVATIONS = """

            ## Versions

            The tables name the versions that were driven. On 2026-11-30 the registries gave:

            | package | newest | driven | fine-tuning jobs in the newest |
            |---|---|---|---|
            | `openai` (pip) | 3.57.0 | 3.54.0 | yes |
            | `openai` (npm) | 7.59.0 | 7.57.0 | yes |
            | `mistralai` (pip) | 3.7.0 | 2.5.1 and 1.12.4 | no: its jobs are those of batches |
            | `@mistralai/mistralai` (npm) | 2.7.0 | 2.4.0 and 1.3.1 | no: its jobs are those of batches |

            ## What a pass leaves open

            - Plain completions: the first token of an `echo` has no log-probability, and a stream has no `finish_reason`
              before its last chunk: null, as OpenAI sends both, which the SDKs' own types do not admit. There Python and
              Java are driven without validation, and Kotlin and Rust do not combine `echo` with `logprobs`.
            - `openai-client` (Kotlin) gives null for a file that is not there, not an exception.
            - `openai-client-base` (Rust) sends the `metadata` filter of lists as `key="value"`, which is no filter of the
              API, and can write numbers only in `hyperparameters`, not in `method`; the suite uses neither.
            - `@mistralai/mistralai` 1.3.1 cannot read a list with a job on another than its five base models: the suite
              asks for one model. It loses the last events of a stream when several arrive at once: the suite compares the
              beginning of the text.
            """;

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
                        `n/a`: the SDK has no such call or option. `skipped`: the machine of the run lacked what the suite needs. Rows that begin
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
        return page.append(RESERVATIONS).toString();
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
