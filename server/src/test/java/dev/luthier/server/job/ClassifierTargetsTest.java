package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.data.DataFormat;
import dev.luthier.core.data.DataReport;
import dev.luthier.core.data.DataReport.LabelCounts;
import dev.luthier.core.run.Task;
import dev.luthier.core.run.Task.LossFunction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClassifierTargetsTest {
    private static final Method.Classification DERIVED = new Method.Classification(null);

    private static DataReport file(long samples, Map<String, LabelCounts> labels) {
        return new DataReport(DataFormat.LABELLED, samples, samples, 0, 100, List.of(), 0, null, labels);
    }

    /** Four samples; the labels in the order in which they are given. */
    private static LabelCounts four(boolean lists, String... labels) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String label : labels) {
            counts.put(label, 1L);
        }
        return new LabelCounts(counts, 4, lists);
    }

    private static Method.Target target(@Nullable LossFunction lossFunction, String... labels) {
        return new Method.Target("mood", List.of(labels), 2, lossFunction);
    }

    private static void assertFault(Method.Classification wanted, DataReport file, String message) {
        assertThatThrownBy(new ClassifierTargets(wanted, List.of(file))::resolve)
                .hasMessage("The data is not valid: " + message);
    }

    @Test
    void targetsOfAllFilesComeInTheOrderOfTheirFirstAppearance() {
        Map<String, LabelCounts> second = new LinkedHashMap<>();
        second.put("topics", four(true, "sport", "art"));
        second.put("mood", four(false, "sad", "angry"));
        ClassifierTargets targets = new ClassifierTargets(DERIVED,
                List.of(file(4, Map.of("mood", four(false, "glad", "sad"))), file(4, second)));
        Task.Classification resolved = targets.resolve();
        assertThat(resolved.targets()).containsExactly(
                new Task.Target("mood", List.of("glad", "sad", "angry"), 1, LossFunction.SINGLE_CLASS),
                new Task.Target("topics", List.of("sport", "art"), 1, LossFunction.MULTI_CLASS));
        assertThat(targets.notes(resolved)).extracting(DataCheck.Note::message).containsExactly(
                "Target mood is single_class with 3 labels: glad, sad, angry.",
                "Target topics is multi_class with 2 labels: sport, art.",
                "4 of 8 training samples leave out the target topics; its loss does not count them.");
    }

    @Test
    void aListInAnyFileMakesATargetMultiClassUnlessTheRequestSaysOtherwise() {
        List<DataReport> files = List.of(file(4, Map.of("mood", four(false, "a", "b"))),
                file(4, Map.of("mood", four(true, "a"))));
        assertThat(new ClassifierTargets(DERIVED, files).resolve().targets().getFirst().lossFunction())
                .isEqualTo(LossFunction.MULTI_CLASS);
        Method.Classification single = new Method.Classification(
                List.of(target(LossFunction.SINGLE_CLASS, "b", "a")));
        assertThat(new ClassifierTargets(single, files).resolve().targets())
                .containsExactly(new Task.Target("mood", List.of("b", "a"), 2, LossFunction.SINGLE_CLASS));
        Method.Classification open = new Method.Classification(List.of(target(null, "b", "a")));
        assertThat(new ClassifierTargets(open, files).resolve().targets().getFirst().lossFunction())
                .isEqualTo(LossFunction.MULTI_CLASS);
    }

    @Test
    void oneLabelAloneIsNothingToTell() {
        assertFault(DERIVED, file(4, Map.of("intent", four(false, "x"))),
                "target intent has only the label x; a classifier needs two.");
        assertFault(DERIVED, file(4, Map.of("intent", four(true))),
                "target intent has no label; a classifier needs two.");
    }

    @Test
    void tooManyLabelsAndTargetsAreFaults() {
        String[] labels = IntStream.rangeClosed(0, DataReport.MAX_LABELS).mapToObj(i -> "l" + i)
                .toArray(String[]::new);
        assertFault(DERIVED, file(4, Map.of("intent", four(false, labels))),
                "target intent has more than 1000 labels; at most 1000 are possible.");
        Map<String, LabelCounts> targets = new LinkedHashMap<>();
        IntStream.rangeClosed(0, DataReport.MAX_TARGETS).forEach(i -> targets.put("t" + i, four(false, "a", "b")));
        assertFault(DERIVED, file(4, targets),
                "there are more than 100 targets; at most 100 are possible.");
    }

    @Test
    void everyLabelThatNoSampleHasIsNamed() {
        Method.Classification wanted = new Method.Classification(List.of(target(null, "glad", "sad", "angry")));
        assertFault(wanted, file(4, Map.of("mood", four(false, "glad", "angry"))),
                "target mood: no training sample has the label sad. Add samples, or take it out of classifier_targets.");
        assertFault(wanted, file(4, Map.of()), "target mood: no training sample has the labels glad, sad, angry."
                + " Add samples, or take them out of classifier_targets.");
    }

    @Test
    void allFaultsAreToldAtOnce() {
        Map<String, LabelCounts> both = new LinkedHashMap<>();
        both.put("mood", four(false, "a"));
        both.put("topic", four(false, "b"));
        assertFault(DERIVED, file(4, both), "target mood has only the label a; a classifier needs two."
                + " target topic has only the label b; a classifier needs two.");
    }

    @Test
    void namedTargetsWithoutLossFunctionTakeEmptyListsUntilTheDataIsKnown() {
        assertThat(ClassifierTargets.named(new Method.Classification(List.of(target(null, "a", "b")))))
                .containsExactly(new Task.Target("mood", List.of("a", "b"), 2, LossFunction.MULTI_CLASS));
        assertThat(ClassifierTargets.named(DERIVED)).isEmpty();
        assertThat(ClassifierTargets.named(Method.SUPERVISED)).isEmpty();
    }
}
