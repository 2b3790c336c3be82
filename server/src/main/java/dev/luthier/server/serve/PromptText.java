package dev.luthier.server.serve;

/** A prompt that is no conversation, as a request gives it. */
public sealed interface PromptText {

    /** @param text possibly empty: the model then starts a text of its own */
    record Text(String text) implements PromptText {}

    /** @param ids at least one, to be used as they are */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Tokens(int[] ids) implements PromptText {}
}
