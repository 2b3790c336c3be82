package dev.luthier.server.serve;

import org.jspecify.annotations.Nullable;

/**
 * A chat request as tokens, ready to be answered.
 *
 * @param adapter null for the base model itself
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record ChatPrompt(ChatTurn turn, ServedModel model, @Nullable AdapterReference adapter, int[] tokens) {}
