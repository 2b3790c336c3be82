package dev.luthier.server.serve;

/**
 * A text to be continued.
 *
 * @param text as the caller wrote it, or what the caller's tokens say
 * @param tokensBefore tokens at the beginning that are not of the text, such as one for the beginning of a document
 */
public record CompletionPrompt(Prompt prompt, String text, int tokensBefore) {}
