package dev.luthier.core.prompt;

/**
 * A prompt as tokens.
 *
 * @param ids possibly none
 * @param added how many of them the tokenizer's own template added to the text
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record PromptTokens(int[] ids, int added) {}
