package dev.luthier.engine.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.engine.tensor.DType;
import dev.luthier.engine.tensor.Libtorch;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BlockAttentionTest {

    @BeforeAll
    static void start() {
        Libtorch.start();
        Libtorch.setThreads(1);
    }

    /** The last has more probabilities than are kept. */
    static Stream<AttentionCase> cases() {
        return Stream.concat(AttentionCase.all().stream(),
                Stream.of(new AttentionCase(new HeadShape(1, 2, 8), 0, List.of(100, 1300))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void keptProbabilitiesChangeNoBit(AttentionCase each) {
        for (DType type : List.of(DType.FP32, DType.BF16)) {
            AttentionCase.Result kept = each.run(type, true);
            each.run(type, false).values()
                    .forEach(
                            (name, expected) -> assertThat(kept.values().get(name)).as(name).containsExactly(expected));
        }
    }
}
