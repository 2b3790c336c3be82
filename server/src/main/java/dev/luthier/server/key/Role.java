package dev.luthier.server.key;

/** What a key may do. */
public enum Role {
    /** Everything, and the keys of the whole server. */
    ADMIN,
    /** Work in its organization. */
    MEMBER
}
