package dev.luthier.server.file;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Fresh digests of the kinds that every Java platform has. */
final class Digests {
    private Digests() {}

    static MessageDigest sha256() {
        return of("SHA-256");
    }

    static MessageDigest md5() {
        return of("MD5");
    }

    private static MessageDigest of(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
