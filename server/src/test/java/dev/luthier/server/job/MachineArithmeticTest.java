package dev.luthier.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.plan.Arithmetic;
import dev.luthier.core.run.ComputeDevice;
import dev.luthier.core.run.Quantization;
import dev.luthier.server.launch.EngineCommand;
import dev.luthier.server.model.BaseModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which numbers a training computes with, for what a self-test may find. */
final class MachineArithmeticTest {
    private static final BaseModel BASE = new BaseModel("m", Path.of("m"), List.of(), 128, 4, 50_000_000, true, true,
            0);
    private static final String FAST_FP32 = report(2, 75, true);

    @TempDir
    Path directory;

    private static String report(int bf16, int fp32, boolean quiet) {
        return "echo '{\"cpu\":\"a CPU\",\"libtorch\":\"1\",\"threads\":3,\"quiet\":" + quiet + ",\"bf16Gflops\":"
                + bf16
                + ",\"fp32Gflops\":" + fp32 + "}'";
    }

    /** @param doctor lines of a shell script that stands for the engine's program */
    private MachineArithmetic machine(Rig rig, String doctor, ComputeDevice device) throws IOException {
        Path script = directory.resolve("engine.sh");
        Files.writeString(script, "#!/bin/sh\necho called >> " + directory.resolve("calls") + "\n" + doctor + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        RunSettings settings = new RunSettings(directory, device, 1, 0, 0, 0, 3, Duration.ZERO,
                Duration.ZERO, Duration.ZERO, Duration.ZERO);
        return new MachineArithmetic(rig.database, new EngineCommand(script), settings, directory.resolve("log"),
                rig.clock);
    }

    private long calls() throws IOException {
        return Files.exists(directory.resolve("calls")) ? Files.readAllLines(directory.resolve("calls")).size() : 0;
    }

    @Test
    void fasterTypeIsTakenAndTheSelfTestIsMadeOnce() throws IOException {
        try (Rig rig = new Rig(directory.resolve("rig"))) {
            MachineArithmetic machine = machine(rig, FAST_FP32, ComputeDevice.CPU);
            Arithmetic arithmetic = machine.choose(BASE, "auto", Quantization.NONE);
            assertThat(arithmetic.baseType()).isEqualTo("fp32");
            assertThat(arithmetic.threads()).isEqualTo(3);
            assertThat(arithmetic.muchSlower()).isFalse();
            assertThat(arithmetic.explain()).contains("fp32 with 3 threads").contains("75 in fp32");
            machine(rig, FAST_FP32, ComputeDevice.CPU).choose(BASE, "auto", Quantization.NF4);
            assertThat(calls()).isEqualTo(1);
        }
    }

    @Test
    void selfTestOfABusyMachineIsMadeAnew() throws IOException {
        try (Rig rig = new Rig(directory.resolve("rig"))) {
            MachineArithmetic machine = machine(rig, report(2, 75, false), ComputeDevice.CPU);
            machine.choose(BASE, "auto", Quantization.NONE);
            machine.choose(BASE, "auto", Quantization.NONE);
            assertThat(calls()).isEqualTo(2);
        }
    }

    @Test
    void typeThatIsSetIsTakenAndItsSlownessSaid() throws IOException {
        try (Rig rig = new Rig(directory.resolve("rig"))) {
            Arithmetic arithmetic = machine(rig, FAST_FP32, ComputeDevice.CPU).choose(BASE, "bf16", Quantization.BF16);
            assertThat(arithmetic.baseType()).isEqualTo("bf16");
            assertThat(arithmetic.quantization()).as("bf16 in bf16 is plain").isEqualTo(Quantization.NONE);
            assertThat(arithmetic.muchSlower()).isTrue();
            assertThat(arithmetic.reason()).contains("more than twice the time");
        }
    }

    @Test
    void machineThatCannotBeTestedComputesInFp32() throws IOException {
        try (Rig rig = new Rig(directory.resolve("rig"))) {
            Arithmetic arithmetic = machine(rig, "exit 1", ComputeDevice.CPU).choose(BASE, "auto", Quantization.NONE);
            assertThat(arithmetic.baseType()).isEqualTo("fp32");
            assertThat(arithmetic.reason()).contains("probe.log");
        }
    }

    @Test
    void gpusAreNotTested() throws IOException {
        try (Rig rig = new Rig(directory.resolve("rig"))) {
            assertThat(machine(rig, "exit 1", ComputeDevice.CUDA).choose(BASE, "auto", Quantization.NONE).baseType())
                    .isEqualTo("bf16");
            assertThat(calls()).isZero();
        }
    }
}
