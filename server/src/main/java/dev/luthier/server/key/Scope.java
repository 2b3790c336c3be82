package dev.luthier.server.key;

import java.util.Locale;

/** What a route asks of an API key. Every handler declares one; {@link Role} says which keys have which. */
public enum Scope {
    /** Nothing: the route answers without a key. */
    NONE,
    /** Listing and looking up the models that the key may use. */
    MODELS,
    /** Chats and completions. */
    INFERENCE,
    /** Reading files, jobs and what belongs to them, and adapters. */
    READ,
    /** Creating, changing and removing files, jobs and fine-tuned models. */
    WRITE,
    /** The keys of the caller's organization, and which of its projects use which model. */
    ORGANIZATION,
    /** Every organization's keys, and models from the server's disk. */
    INSTANCE,
    /** The figures of the whole server. */
    METRICS;

    /** As messages and documents name it. */
    public String publicName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
