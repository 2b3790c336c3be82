package dev.luthier.core.data;

import dev.luthier.core.run.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The labels of one line as whole numbers: for each target of the task, in its order, how many labels the line gives, or
 * {@value #ABSENT} if it does not speak of the target, and then the index of each label.
 */
public final class LabelCodes {
    private static final int ABSENT = -1;

    private LabelCodes() {}

    /** @param labels by target; every target and label is one of the task's */
    static int[] encode(List<Task.Target> targets, Map<String, List<String>> labels) {
        List<Integer> codes = new ArrayList<>();
        for (Task.Target target : targets) {
            List<String> given = labels.get(target.name());
            codes.add(given == null ? ABSENT : given.size());
            if (given != null) {
                given.forEach(label -> codes.add(target.labels().indexOf(label)));
            }
        }
        return codes.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The indices of the labels that a line gives each target, in the order of the targets.
     *
     * @return per target a list, or null where the line does not speak of it
     */
    @SuppressWarnings("NullAway") // a list with holes is what it is about
    public static List<List<Integer>> decode(int targets, int[] codes) {
        List<List<Integer>> labels = new ArrayList<>();
        int place = 0;
        for (int target = 0; target < targets; target++) {
            int count = codes[place++];
            List<Integer> given = count == ABSENT ? null : new ArrayList<>();
            for (int i = 0; i < count; i++) {
                given.add(codes[place++]);
            }
            labels.add(given);
        }
        return labels;
    }
}
