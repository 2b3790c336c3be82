package dev.luthier.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one run of a suite came to.
 *
 * @param sdk package and version, as the suite itself found them installed; empty when it did not come that far
 * @param checks by route, in the order of the reports
 * @param skipped why the suite could not run on this machine
 * @param output all that it printed
 */
record SuiteResult(Suite suite, String sdk, Map<String, Check> checks, Optional<String> skipped, int exitCode,
        String output) {

    enum Outcome {
        PASS, FAIL, NOT_APPLICABLE
    }

    /**
     * @param reason of a failure, or why the check does not apply
     */
    record Check(Outcome outcome, String reason) {}

    SuiteResult {
        checks = Map.copyOf(checks);
    }

    /** What keeps this run from being a success, a line each: failed checks, and routes that it says nothing of. */
    List<String> faults() {
        if (skipped.isPresent()) {
            return List.of();
        }
        List<String> faults = new ArrayList<>();
        for (String route : suite.dialect().routes()) {
            Check check = checks.get(route);
            if (check == null) {
                faults.add(route + ": the suite reports nothing");
            } else if (check.outcome() == Outcome.FAIL) {
                faults.add(route + ": " + check.reason());
            }
        }
        checks.keySet().stream().filter(route -> !suite.dialect().routes().contains(route)).sorted()
                .forEach(route -> faults.add(route + ": is no row of the table; add it to Dialect"));
        if (exitCode != 0 && faults.isEmpty()) {
            faults.add("the suite ended with exit code " + exitCode);
        }
        return faults;
    }
}
