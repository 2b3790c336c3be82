package dev.luthier.core.chat;

/**
 * What a user should know of how a chat template and their data go together.
 *
 * @param isWarning whether training or answers suffer from it
 * @param text a sentence
 */
public record TemplateNote(boolean isWarning, String text) {
    static final TemplateNote NO_END_OF_TURN = new TemplateNote(true,
            "The chat template prints no end-of-turn token after an assistant's message, so a model that is trained "
                    + "with it does not learn to stop. Print eos_token there.");

    static TemplateNote addedEndOfTurn(String token) {
        return new TemplateNote(false, "The chat template prints " + token + " only between turns. Training adds it "
                + "after the last message, so that the model learns to stop.");
    }
}
