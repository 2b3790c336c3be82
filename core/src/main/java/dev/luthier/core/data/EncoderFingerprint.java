package dev.luthier.core.data;

import dev.luthier.core.digest.Sha256;
import dev.luthier.core.file.RegularFiles;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 of everything in a model's directory that decides how samples become tokens. */
final class EncoderFingerprint {

    private EncoderFingerprint() {}

    static String of(ModelDirectory model) {
        Path tokenizer = model.path().resolve("tokenizer.json");
        MessageDigest digest = Sha256.start();
        try {
            digest.update(HexFormat.of().parseHex(Sha256.hex(tokenizer)));
        } catch (IOException e) {
            throw Problem.user("missing_tokenizer", tokenizer + " cannot be read: " + RegularFiles.reason(e) + ".")
                    .asException(e);
        }
        model.chatTemplates().forEach((name, source) -> {
            add(digest, name);
            add(digest, source);
        });
        add(digest, model.eosTokenIds().toString());
        model.specialTokens().named().forEach((role, text) -> {
            add(digest, role);
            add(digest, text);
        });
        return Sha256.hex(digest);
    }

    /* Each text by its own hash, so that no two lists of texts look alike. */
    private static void add(MessageDigest digest, String text) {
        digest.update(Sha256.of(text));
    }
}
