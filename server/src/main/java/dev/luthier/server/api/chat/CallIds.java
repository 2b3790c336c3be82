package dev.luthier.server.api.chat;

import dev.luthier.core.chat.ToolCallParser.Call;
import java.util.concurrent.ThreadLocalRandom;

/** Ids of tool calls: the model's own, else 9 letters and digits, for which every chat template has room. */
public final class CallIds {
    private static final int LENGTH = 9;
    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private CallIds() {}

    public static String of(Call call) {
        if (call.id() != null) {
            return call.id();
        }
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            id.append(CHARACTERS.charAt(ThreadLocalRandom.current().nextInt(CHARACTERS.length())));
        }
        return id.toString();
    }
}
