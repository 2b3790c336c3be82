package dev.luthier.core.chat;

/**
 * The form of a message with tool calls, in a file or for a template.
 *
 * @param arguments of its calls
 * @param noContent what stands for its text if it has none
 */
record CallForm(Arguments arguments, NoContent noContent) {

    /** How the arguments of a call are held. */
    enum Arguments {
        /** A string of JSON, as in OpenAI's API. */
        TEXT,
        /** The object itself, as transformers documents it. */
        MAPPING
    }

    /** In how many of its parts another form differs. */
    int differences(CallForm other) {
        return (arguments == other.arguments ? 0 : 1) + (noContent == other.noContent ? 0 : 1);
    }
}
