package dev.luthier.core.chat;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Who speaks in a message. */
public enum Role {
    SYSTEM, DEVELOPER, USER, ASSISTANT, TOOL;

    /** The name in requests, training files and templates: the constant in lower case. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of that exact wire name; empty when there is none. */
    public static Optional<Role> of(String wireName) {
        return Arrays.stream(values()).filter(role -> role.wireName().equals(wireName)).findFirst();
    }
}
