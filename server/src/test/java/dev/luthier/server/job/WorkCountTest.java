package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.data.DataFormat;
import dev.luthier.core.data.DataReport;
import dev.luthier.core.data.SampleOrder;
import dev.luthier.core.plan.SampleWork;
import dev.luthier.server.job.FileDataCheck.CheckedFile;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class WorkCountTest {
    private static final List<CheckedFile> TRAINING = List.of(file(10, 20, 30));
    private static final List<CheckedFile> VALIDATION = List.of(file(4, 8));
    private static final SampleOrder ORDER = new SampleOrder(List.of(new SampleOrder.Source(3, 1)), 0);

    @Test
    void samplesAreCountedAsOftenAsTheyAreSeen() {
        TrainingWork work = WorkCount.of(ORDER, TRAINING, VALIDATION, 6, 5, false, 0);
        assertThat(work.steps().all()).isEqualTo(new SampleWork(120, 60, 2 * (100 + 400 + 900)));
        assertThat(work.evaluation().all()).isEqualTo(new SampleWork(60, 30, 5 * (16 + 64)));
        assertThat(work.steps().prepared()).isEqualTo(SampleWork.NONE);
        assertThat(work.evaluation().prepared()).isEqualTo(SampleWork.NONE);
        assertThat(work.prepared()).isEqualTo(SampleWork.NONE);
    }

    @Test
    void samplesThatComeAgainArePreparedOnceAsFarAsThereIsRoom() {
        TrainingWork all = WorkCount.of(ORDER, TRAINING, VALIDATION, 6, 5, false, 1000);
        assertThat(all.steps().prepared()).isEqualTo(all.steps().all());
        assertThat(all.evaluation().prepared()).isEqualTo(all.evaluation().all());
        assertThat(all.prepared()).isEqualTo(new SampleWork(72, 36, 1400 + 80));

        TrainingWork some = WorkCount.of(ORDER, TRAINING, VALIDATION, 6, 5, false, 35);
        assertThat(some.steps().prepared()).isEqualTo(new SampleWork(60, 30, 1000));
        assertThat(some.evaluation().prepared()).isEqualTo(new SampleWork(20, 10, 80));
        assertThat(some.prepared()).isEqualTo(new SampleWork(34, 17, 516));
    }

    @Test
    void whatIsSeenOnceIsNotPrepared() {
        TrainingWork work = WorkCount.of(ORDER, TRAINING, VALIDATION, 3, 1, false, 1000);
        assertThat(work.prepared()).isEqualTo(SampleWork.NONE);
    }

    /** Half of its tokens are targets. */
    private static CheckedFile file(int... lengths) {
        SampleLengths known = new SampleLengths();
        Arrays.stream(lengths).forEach(known::add);
        int tokens = Arrays.stream(lengths).sum();
        DataReport report = new DataReport(DataFormat.CHAT, lengths.length, lengths.length, 0, 100, List.of(), 0,
                new DataReport.TokenCounts(tokens, tokens / 2, Arrays.stream(lengths).max().orElse(0), 1), Map.of());
        return new CheckedFile(new JobFile(new UUID(0, 1), 1, ""), report, known);
    }
}
