package dev.luthier.engine.arithmetic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.core.json.Json;
import dev.luthier.core.model.ModelConfig;
import dev.luthier.core.plan.ArithmeticReport;
import dev.luthier.core.plan.CpuKind;
import dev.luthier.core.plan.EngineLibrary;
import dev.luthier.engine.tensor.Libtorch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class SelfTestTest {
    private static final ModelConfig MODEL = ModelConfig.parse(Json.parse("""
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 64, "hidden_size": 96,
             "intermediate_size": 160, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
             "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "tie_word_embeddings": true}"""));

    @BeforeAll
    static void start() {
        Libtorch.start();
    }

    @Test
    void reportSaysWhatWasMeasuredOnWhat() {
        int threads = Libtorch.threads();
        ArithmeticReport report = SelfTest.measure(MODEL, 2);
        assertThat(report.cpu()).isEqualTo(CpuKind.name());
        assertThat(report.libtorch()).isEqualTo(Libtorch.version()).isEqualTo(EngineLibrary.VERSION);
        assertThat(report.threads()).isBetween(1, 2);
        assertThat(report.bf16Gflops()).isPositive().isFinite();
        assertThat(report.fp32Gflops()).isPositive().isFinite();
        assertThat(Libtorch.threads()).isEqualTo(threads);
    }

    @Test
    void typeThatIsGivenIsNotMeasured() {
        assertThat(SelfTest.resolve("fp32", MODEL)).isEqualTo("fp32");
        assertThat(SelfTest.resolve("bf16", MODEL)).isEqualTo("bf16");
        assertThat(SelfTest.resolve("auto", MODEL)).isIn("bf16", "fp32");
    }
}
