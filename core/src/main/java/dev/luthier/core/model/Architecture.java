package dev.luthier.core.model;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A decoder architecture that this program computes, under the names that Hugging Face transformers gives it. */
public enum Architecture {
    /** Llama 2 and 3, TinyLlama, SmolLM and SmolLM2. */
    LLAMA("LlamaForCausalLM", "llama"),
    /** Mistral 7B and Nemo. */
    MISTRAL("MistralForCausalLM", "mistral"),
    /** Qwen2 and Qwen2.5: biases on query, key and value. */
    QWEN2("Qwen2ForCausalLM", "qwen2"),
    /** Qwen3: RMS norm on every query and key head. */
    QWEN3("Qwen3ForCausalLM", "qwen3");

    private final String className;
    private final String modelType;

    Architecture(String className, String modelType) {
        this.className = className;
        this.modelType = modelType;
    }

    /** The value in {@code architectures} of config.json. */
    public String className() {
        return className;
    }

    /** The value of {@code model_type} in config.json. */
    public String modelType() {
        return modelType;
    }

    static Optional<Architecture> ofClass(String className) {
        return Stream.of(values()).filter(known -> known.className.equals(className)).findFirst();
    }

    static Optional<Architecture> ofModelType(String modelType) {
        return Stream.of(values()).filter(known -> known.modelType.equals(modelType)).findFirst();
    }

    static List<String> classNames() {
        return Stream.of(values()).map(Architecture::className).toList();
    }
}
