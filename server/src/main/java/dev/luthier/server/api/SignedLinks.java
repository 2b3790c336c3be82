package dev.luthier.server.api;

import dev.luthier.server.key.MasterKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs addresses that work without a key until they expire: HMAC-SHA256 under a key of the {@link MasterKey}. */
public final class SignedLinks {
    private final SecretKeySpec key;

    public SignedLinks(MasterKey masterKey) {
        this.key = new SecretKeySpec(masterKey.derive("luthier signed links 1"), "HmacSHA256");
    }

    /**
     * @param subject what the link gives, for example {@code file ORGANIZATION UUID}
     * @param expiresAtSeconds Unix time after which it gives nothing
     */
    public String sign(String subject, long expiresAtSeconds) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] signature = mac.doFinal((expiresAtSeconds + " " + subject).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Fails with 403 unless the signature is right and its time has not come. */
    public void check(String subject, long expiresAtSeconds, String signature, long nowSeconds) {
        boolean right = MessageDigest.isEqual(sign(subject, expiresAtSeconds).getBytes(StandardCharsets.UTF_8),
                signature.getBytes(StandardCharsets.UTF_8));
        if (!right) {
            throw ApiFailure.of(403, "invalid_signature", "The signature of this link is not valid.");
        }
        if (nowSeconds >= expiresAtSeconds) {
            throw ApiFailure.of(403, "link_expired", "This link has expired. Ask for a new one.");
        }
    }
}
