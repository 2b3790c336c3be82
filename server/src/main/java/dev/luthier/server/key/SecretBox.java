package dev.luthier.server.key;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.util.SecretBytes;
import dev.luthier.core.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * Encrypts what users entrust to the server, such as the keys of trackers: AES-256-GCM under a key derived from the
 * {@link MasterKey}. Thread-safe.
 */
public final class SecretBox {
    private final Aead aead;

    @AccessesPartialKey
    public SecretBox(MasterKey masterKey) {
        try {
            AesGcmParameters parameters = AesGcmParameters.builder().setKeySizeBytes(32).setIvSizeBytes(12)
                    .setTagSizeBytes(16).setVariant(AesGcmParameters.Variant.NO_PREFIX).build();
            this.aead = AesGcmJce.create(AesGcmKey.builder().setParameters(parameters)
                    .setKeyBytes(
                            SecretBytes.copyFrom(masterKey.derive("luthier secrets 1"), InsecureSecretKeyAccess.get()))
                    .build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param context where the secret belongs, for example {@code "job 2813b7e6-... wandb"}; it opens only there
     * @return nonce, ciphertext and tag
     */
    public byte[] seal(String secret, String context) {
        try {
            return aead.encrypt(utf8(secret), utf8(context));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The secret; an INTERNAL problem when it was sealed under another master key or context, or was changed. */
    public String open(byte[] sealed, String context) {
        try {
            return new String(aead.decrypt(sealed, utf8(context)), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw Problem.internal("secret_unreadable",
                    "A stored secret cannot be decrypted. Restore the master key under which it was stored.")
                    .asException();
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
