package dev.luthier.server.api.chat;

/**
 * Tokens of a request as both vendors write them.
 *
 * @param promptTokens of the prompt, once however many answers there are
 * @param completionTokens of all answers, those that ended them included
 */
public record Usage(int promptTokens, int completionTokens, int totalTokens) {
    public static Usage of(int prompt, int completion) {
        return new Usage(prompt, completion, prompt + completion);
    }
}
