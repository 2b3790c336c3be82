package dev.luthier.server.api;

import dev.luthier.core.digest.Sha256;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** SHA-256, in hex, of what a request asks for: its method, address, body, and how it wants a job trained. */
final class RequestHash {
    private RequestHash() {}

    static String of(HttpServletRequest request, byte[] body) {
        MessageDigest digest = address(request);
        digest.update(body);
        return Sha256.hex(digest);
    }

    /**
     * The hash of a multipart request, whatever its boundary and the order of its parts. It receives the whole body, if
     * that has not been done yet.
     *
     * @return null when the body is not well formed or too large, which whoever asks next learns as well
     */
    static @Nullable String ofParts(HttpServletRequest request) {
        List<String> hashes = new ArrayList<>();
        try {
            for (ReceivedPart part : MultipartBody.parts(request)) {
                hashes.add(HexFormat.of().formatHex(digest(part)));
            }
        } catch (ApiFailure e) {
            return null;
        }
        MessageDigest digest = address(request);
        hashes.stream().sorted().forEach(hash -> digest.update(hash.getBytes(StandardCharsets.US_ASCII)));
        return Sha256.hex(digest);
    }

    private static byte[] digest(ReceivedPart part) {
        MessageDigest digest = Sha256.start();
        update(digest, part.name());
        update(digest, part.filename());
        update(digest, part.contentType());
        update(digest, part.sha256());
        return digest.digest();
    }

    private static MessageDigest address(HttpServletRequest request) {
        MessageDigest digest = Sha256.start();
        update(digest, request.getMethod());
        update(digest, request.getRequestURI());
        update(digest, request.getQueryString());
        String training = TrainingHeader.textOf(request);
        if (training != null) {
            update(digest, training);
        }
        return digest;
    }

    /* With its length, so that no two lists of texts have the same bytes. */
    private static void update(MessageDigest digest, @Nullable String text) {
        byte[] bytes = Objects.requireNonNullElse(text, "").getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
        digest.update(bytes);
    }
}
