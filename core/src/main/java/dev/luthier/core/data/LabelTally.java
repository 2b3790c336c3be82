package dev.luthier.core.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts the labels of the valid lines of a file, in bounded memory. One thread at a time. */
final class LabelTally {
    private final Map<String, Counts> targets = new LinkedHashMap<>();

    private static final class Counts {
        private final Map<String, Long> labels = new LinkedHashMap<>();
        private long samples;
        private boolean lists;
    }

    void add(Sample.Labelled sample) {
        sample.labels().forEach((target, labels) -> {
            if (targets.size() <= DataReport.MAX_TARGETS || targets.containsKey(target)) {
                add(targets.computeIfAbsent(target, _ -> new Counts()), labels, sample.lists().contains(target));
            }
        });
    }

    private static void add(Counts counts, List<String> labels, boolean list) {
        counts.samples++;
        counts.lists |= list;
        for (String label : labels) {
            if (counts.labels.size() <= DataReport.MAX_LABELS || counts.labels.containsKey(label)) {
                counts.labels.merge(label, 1L, Long::sum);
            }
        }
    }

    /** By target, in the order in which the file names them. */
    Map<String, DataReport.LabelCounts> counts() {
        Map<String, DataReport.LabelCounts> result = new LinkedHashMap<>();
        targets.forEach((target, counts) -> result.put(target,
                new DataReport.LabelCounts(counts.labels, counts.samples, counts.lists)));
        return result;
    }
}
