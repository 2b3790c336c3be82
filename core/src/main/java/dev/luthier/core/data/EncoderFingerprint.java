package dev.luthier.core.data;

import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of everything in a model's directory that decides how samples become tokens. */
final class EncoderFingerprint {

    private EncoderFingerprint() {}

    static String of(ModelDirectory model) {
        Path tokenizer = model.path().resolve("tokenizer.json");
        MessageDigest digest = sha256();
        try {
            digest.update(sha256().digest(Files.readAllBytes(tokenizer)));
        } catch (IOException e) {
            throw Problem.user("missing_tokenizer", tokenizer + " cannot be read: " + e + ".").asException();
        }
        add(digest, model.chatTemplate().orElse(""));
        model.specialTokens().named().forEach((role, text) -> {
            add(digest, role);
            add(digest, text);
        });
        return HexFormat.of().formatHex(digest.digest());
    }

    /* Each text by its own hash, so that no two lists of texts look alike. */
    private static void add(MessageDigest digest, String text) {
        digest.update(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
