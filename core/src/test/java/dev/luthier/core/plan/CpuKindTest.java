package dev.luthier.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CpuKindTest {

    @Test
    void cpusOfOneNameAreToldApartByTheirInstructions() {
        List<String> zen4 = List.of("processor\t: 0", "cpu family\t: 25", "model\t\t: 17", "model name\t: AMD EPYC",
                "flags\t\t: fpu avx2 fma avx512f avx512_bf16", "", "processor\t: 1");
        List<String> zen3 = List.of("processor\t: 0", "cpu family\t: 25", "model\t\t: 1", "model name\t: AMD EPYC",
                "flags\t\t: fpu avx2 fma");
        assertThat(CpuKind.describe(zen4)).isEqualTo("AMD EPYC, family 25 model 17, avx2 avx512f avx512_bf16");
        assertThat(CpuKind.describe(zen3)).isEqualTo("AMD EPYC, family 25 model 1, avx2");
    }

    @Test
    void armCpusAreNamedByTheirCodes() {
        assertThat(CpuKind.describe(List.of("processor\t: 0", "Features\t: fp asimd asimddp i8mm bf16",
                "CPU implementer\t: 0x41", "CPU part\t: 0xd4f"))).isEqualTo("Arm 0x41, model 0xd4f, asimddp i8mm bf16");
    }

    @Test
    void thisMachineHasAName() {
        assertThat(CpuKind.name()).isNotBlank().isEqualTo(CpuKind.name());
    }
}
