package dev.luthier.server.idempotency;

import java.util.Map;

/**
 * A whole response.
 *
 * @param requestHash SHA-256, in hex, of the request that it answers
 * @param headers those that belong to the answer, its content type included; not those of the exchange
 * @param body its bytes; nobody changes them
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Answer(String requestHash, int status, Map<String, String> headers, byte[] body) {
    public Answer {
        headers = Map.copyOf(headers);
    }
}
