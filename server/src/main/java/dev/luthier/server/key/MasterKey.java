package dev.luthier.server.key;

import dev.luthier.core.problem.Problem;
import dev.luthier.server.config.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The 256-bit key from which every other key of the server is derived (HKDF-SHA256, RFC 5869). It comes from
 * {@code LUTHIER_MASTER_KEY} (32 bytes in Base64) or from {@code master.key} in the data directory, which the first
 * start makes; it is never in the database.
 */
public final class MasterKey {
    private static final Logger LOG = LoggerFactory.getLogger(MasterKey.class);
    private static final int BYTES = 32;

    private final byte[] key;

    private MasterKey(byte[] key) {
        this.key = key;
    }

    public static MasterKey load(Map<String, String> environment, DataDirectory directory) {
        String given = environment.getOrDefault("LUTHIER_MASTER_KEY", "");
        if (!given.isBlank()) {
            return decode(given, "LUTHIER_MASTER_KEY");
        }
        Path file = directory.masterKeyFile();
        try {
            if (Files.exists(file)) {
                return decode(Files.readString(file), file.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
        if (!directory.isNew()) {
            LOG.warn(
                    "{} is missing, and a new one is made. Secrets that were stored under the old key cannot be read; to"
                            + " read them, stop the server and put the old file back, or set LUTHIER_MASTER_KEY.",
                    file);
        }
        byte[] fresh = new byte[BYTES];
        new SecureRandom().nextBytes(fresh);
        DataDirectory.writePrivately(file,
                (Base64.getEncoder().encodeToString(fresh) + "\n").getBytes(StandardCharsets.US_ASCII));
        return new MasterKey(fresh);
    }

    private static MasterKey decode(String text, String where) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text.strip());
            if (bytes.length == BYTES) {
                return new MasterKey(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Not Base64: the same fault as a wrong length.
        }
        throw Problem.user("invalid_master_key",
                where + " must be 32 random bytes in Base64, for example from `openssl rand -base64 32`.")
                .asException();
    }

    /** The 256-bit key of one purpose; the same name gives the same key. */
    public byte[] derive(String purpose) {
        try {
            SecretKey derived = KDF.getInstance("HKDF-SHA256").deriveKey("Generic", HKDFParameterSpec.ofExtract()
                    .addIKM(key).thenExpand(purpose.getBytes(StandardCharsets.UTF_8), BYTES));
            return derived.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
