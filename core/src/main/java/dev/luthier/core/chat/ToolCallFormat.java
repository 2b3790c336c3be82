package dev.luthier.core.chat;

/** How a model writes tool calls into its answer, which its chat template shows. */
public enum ToolCallFormat {
    /**
     * Mistral: {@code [TOOL_CALLS] [{"name": ..., "arguments": {...}}]}, in newer models
     * {@code [TOOL_CALLS]name[ARGS]{...}} for each call.
     */
    MISTRAL("[TOOL_CALLS]"),
    /** Nous Hermes and Qwen: {@code <tool_call>{"name": ..., "arguments": {...}}</tool_call>} for each call. */
    HERMES("<tool_call>"),
    /**
     * Llama 3: the whole answer is {@code {"name": ..., "parameters": {...}}}, several apart by {@code ;}, with or
     * without {@code <|python_tag|>} before it.
     */
    LLAMA3_JSON("<|python_tag|>"),
    /** No known format: every answer is text. */
    NONE("");

    private final String marker;

    ToolCallFormat(String marker) {
        this.marker = marker;
    }

    /** What comes before a call; for Llama 3 it may be missing. */
    String marker() {
        return marker;
    }

    /** The format that the template writes earlier calls in, or asks the model for. */
    public static ToolCallFormat of(ChatTemplate template) {
        String source = template.source();
        if (source.contains(MISTRAL.marker)) {
            return MISTRAL;
        }
        if (source.contains(HERMES.marker)) {
            return HERMES;
        }
        boolean llama = source.contains("<|python_tag|>") || source.contains("<|eot_id|>");
        return llama && source.contains("\"parameters\"") ? LLAMA3_JSON : NONE;
    }
}
