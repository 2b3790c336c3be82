package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.plan.ProbeReport;
import dev.luthier.core.plan.SampleWork;
import dev.luthier.core.plan.StepCosts;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.Quantization;
import dev.luthier.core.run.Task;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StepTimesTest {
    private static final BaseModel BASE = new BaseModel("m", Path.of("m"), List.of(), 128, 4, 1000, true, true, 0);
    private static final ProbeReport MEASURED = new ProbeReport("bf16", Quantization.NONE, MemoryTier.KEEP, 600,
            new StepCosts(0.5, 0, 0, 0, 0, 0), 3, 700);

    @Test
    void measurementHoldsForTheDeviceItWasMadeOn(@TempDir Path directory) {
        try (Rig rig = new Rig(directory)) {
            StepTimes cpu = new StepTimes(rig.database, Rig.settings(directory, ComputeDevice.CPU), rig.clock);
            StepTimes cuda = new StepTimes(rig.database, Rig.settings(directory, ComputeDevice.CUDA), rig.clock);
            SpeedProfile shape = SpeedProfile.of(BASE, TrainingSettings.BUILT_IN, Rig.plan(3),
                    new Arithmetic("bf16", Quantization.NONE, 1, "", false));
            cpu.store(BASE, shape, MEASURED);
            assertThat(cpu.find(BASE, shape)).contains(MEASURED);
            assertThat(cuda.find(BASE, shape)).isEmpty();
        }
    }

    @Test
    void durationFollowsFromTheWork() {
        ProbeReport measured = new ProbeReport("bf16", Quantization.NONE, MemoryTier.KEEP, 600,
                new StepCosts(0.5, 0.25, 0.125, 2, 0.5, 0.25),
                3, 700);
        SampleWork steps = new SampleWork(100, 40, 80);
        assertThat(StepTimes.Estimate.of(measured, TrainingWork.ofSteps(steps), 7))
                .isEqualTo(new StepTimes.Estimate(3 + 84, 12, 700));
        TrainingWork.Visits evaluation = new TrainingWork.Visits(steps, new SampleWork(16, 0, 0));
        TrainingWork.Visits trained = new TrainingWork.Visits(steps, new SampleWork(48, 40, 32));
        assertThat(StepTimes.Estimate.of(measured,
                new TrainingWork(trained, evaluation, new SampleWork(8, 8, 32)), 7))
                .isEqualTo(new StepTimes.Estimate(3 + 77 + 35 - 2 + 2, 11, 700));
    }

    @Test
    void plannedMemoryOfSamplesThatNoProbeHasStays() {
        StepTimes.Estimate estimate = new StepTimes.Estimate(12.2, 0.314, 700_000_000);
        JobPlan plan = Rig.plan(3).with(estimate);
        assertThat(plan.expectedPeakBytes()).isEqualTo(700_000_000);
        assertThat(plan.describeExpectations())
                .isEqualTo("13 seconds, 0.31 for a step, and 0.70 GB of memory (keep)");
        JobPlan longer = new JobPlan(Task.SUPERVISED, 3, 1, 4, 128, 64, 1e-3, 8, 0, 0, 80, 40, 120, 65, null,
                MemoryTier.KEEP,
                900_000_000L, null, null, null);
        assertThat(longer.with(estimate).expectedPeakBytes()).isEqualTo(900_000_000);
    }
}
