package dev.luthier.server.serve;

import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.chat.ToolCallParser;
import dev.luthier.core.prompt.PromptProcess;
import dev.luthier.core.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the server needs of a base model to turn conversations into tokens and back.
 *
 * @param directory in Hugging Face layout
 * @param prompts makes tokens of prompts
 * @param tokenizer for tokens to be turned back into text; it has loaded well in the process of {@code prompts} before
 * @param templates empty for a model that is not made for chat
 * @param toolCalls in the format of the templates
 * @param stopTokens tokens that end an answer and are not part of it
 */
record ServedModel(Path directory, PromptProcess prompts, Tokenizer tokenizer, Optional<TemplateSet> templates,
        List<Integer> stopTokens,
        GenerationDefaults defaults, ToolCallParser toolCalls) {}
