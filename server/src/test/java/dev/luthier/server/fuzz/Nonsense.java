package dev.luthier.server.fuzz;

import dev.luthier.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** Makes wrong values, wrong bodies, wrong forms and wrong addresses from one seed. */
final class Nonsense {
    private static final List<String> VALUES = List.of("null", "true", "-1", "0", "0.5", "1e400", "-1e400", "1e-400",
            "1180591620717411303424", "-9223372036854775809", "2147483648", "\"\"", "\" \"", "\"\\u0000\"",
            "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"1\"", "\"auto\"", "\"NaN\"", "NaN", "01", "+1",
            ".5",
            "[]", "{}", "[null]", "{\"\":1}", "[[]]", "\"'; drop table jobs; --\"", "\"../../etc/passwd\"", "\"💥\"",
            "\"%s%n\"", "{\"$ref\":\"#\"}", "[" + "1,".repeat(5000) + "1]", "\"" + "a".repeat(100_000) + "\"",
            "[".repeat(90) + "]".repeat(90), "[".repeat(5000) + "]".repeat(5000),
            "{\"a\":".repeat(95) + "1" + "}".repeat(95),
            "1" + "0".repeat(2000), "\"" + "\\u00e9".repeat(300) + "\"");
    private static final List<String> IDS = List.of("x", "0", "-1", "null", "..", ".", "%2e%2e", "%2E%2E%2Fkeys", "%00",
            "%ff", "%zz", "%", "a%2Fb", "a%5Cb", ";a=b", "x;jsessionid=1", "%F0%9F%98%80", "%20", "%22%27",
            "%3Cscript%3E",
            "ftjob-", "file-", "ftjob-zzzzzzzzzzzzzzzzzzzzzz", "file-0000000000000000000000", "{id}", "a|b", "a\\b",
            "*",
            "00000000-0000-0000-0000-000000000000", "ft:x:y:z:w", "ft%3Ax%3Ay%3A%3Aw%3Ackpt-step-5", "a".repeat(300),
            "a".repeat(7000), "a".repeat(20_000), "1e400", "\u00e9", "+", "#", "?");
    private static final List<String> QUERIES = List.of("", "page=-1", "page=1e9", "page=99999999999999999999",
            "limit=0",
            "limit=-5", "limit=x", "limit=100000", "after=", "after=%00", "after=x",
            "after=ftjob-zzzzzzzzzzzzzzzzzzzzzz",
            "page_size=0", "page_size=%zz", "page=1&page=2", "unknown=1", "=", "&&&", "a%00=1", "%ff=%fe",
            "stream=maybe",
            "status=NONSENSE", "created_after=yesterday", "created_after=%2B999999999-12-31T23:59:59Z",
            "order=sideways",
            "metadata[a]=b", "metadata%5B%5D=x", "metadata=null", "dry_run=2", "purpose=%F0%9F%98%80", "expiry=-1",
            "expiry=99999999999", "q=" + "a".repeat(6000), "after=" + "a".repeat(20_000), "include_total=maybe",
            "sample_type=x&sample_type=y", "limit=1&limit=2", "expires=x&signature=y", "expires=1&signature=%00");
    private static final List<String> TYPES = List.of("Content-Type: application/json",
            "Content-Type: application/json",
            "Content-Type: application/json", "Content-Type: text/plain",
            "Content-Type: application/json; charset=utf-16",
            "Content-Type: nonsense", "Content-Type: ;;;", "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data", "Content-Type: multipart/form-data; boundary=", "X-None: 1",
            "Content-Type: application/json\r\nIdempotency-Key: " + "k".repeat(300),
            "Content-Type: application/json\r\nContent-Encoding: gzip", "Content-Type: */*");

    private static final byte[] SCRATCHES = {0, (byte) 0xFF, (byte) 0xC0, '"', '\\', '{', '}', 7};

    private final Random random;

    Nonsense(long seed) {
        this.random = new Random(seed);
    }

    <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    String id() {
        return any(IDS);
    }

    String query() {
        String query = any(QUERIES);
        return query.isEmpty() ? "" : "?" + query;
    }

    String type() {
        return any(TYPES);
    }

    int upTo(int bound) {
        return random.nextInt(bound);
    }

    /** A good body with a thing wrong, or several. */
    byte[] json(String good) {
        return switch (random.nextInt(10)) {
            case 0 -> new byte[0];
            case 1 -> text(any(VALUES));
            case 2 -> Arrays.copyOf(text(good), random.nextInt(good.length()));
            case 3 -> scratched(text(good));
            case 4 -> text("\uFEFF" + good + any(List.of("", good, " ", "x", "\u0000")));
            default -> text(write(Json.parse(good), 1 + random.nextInt(2)));
        };
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] scratched(byte[] bytes) {
        for (int i = 0; i < 3; i++) {
            bytes[random.nextInt(bytes.length)] = SCRATCHES[random.nextInt(SCRATCHES.length)];
        }
        return bytes;
    }

    /** JSON whose values, names or both are wrong in about so many places. */
    private String write(JsonNode node, int wrong) {
        int places = (int) Json.write(node).chars().filter(character -> character == ':' || character == ',').count()
                + 1;
        return write(node, (double) wrong / places, 0);
    }

    private String write(JsonNode node, double rate, int depth) {
        if (depth > 0 && random.nextDouble() < rate) {
            return any(VALUES);
        }
        if (node.isObject()) {
            List<String> fields = new ArrayList<>();
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                String name = random.nextDouble() < rate / 4
                        ? any(List.of("\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"x\"", "1"))
                        : Json.write(field.getKey());
                String written = name + ":" + write(field.getValue(), rate, depth + 1);
                fields.add(written);
                if (random.nextDouble() < rate / 4) {
                    fields.add(any(List.of(written, "\"__proto__\":{}", Json.write(field.getKey()) + ":null")));
                }
            }
            return "{" + String.join(",", fields) + "}";
        }
        if (node.isArray()) {
            List<String> items = new ArrayList<>();
            node.forEach(item -> items.add(write(item, rate, depth + 1)));
            return "[" + String.join(",", items) + "]";
        }
        return Json.write(node);
    }

    /** A multipart body, nearly right, of the boundary {@code b}. */
    byte[] form() {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        int parts = random.nextInt(4);
        for (int i = 0; i < parts; i++) {
            form.writeBytes(text("--b\r\n"
                    + any(List.of("Content-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"",
                            "Content-Disposition: form-data; name=\"file\"",
                            "Content-Disposition: form-data; name=\"purpose\"",
                            "Content-Disposition: form-data; name=\"data\"; filename=\"\"",
                            "Content-Disposition: form-data",
                            "Content-Disposition: form-data; name=\"\"; filename=\"\\\"",
                            "Content-Disposition: nonsense", "X: y",
                            "Content-Disposition: form-data; name=\"file\"; filename=\"../../x\u0000.jsonl\"",
                            "Content-Disposition: form-data; name=\"expires_after[seconds]\"",
                            "Content-Disposition: form-data; name=\"file\"; filename=\"" + "a".repeat(300) + "\"",
                            "Content-Disposition: form-data; name=\"" + "n".repeat(10_000) + "\""))
                    + "\r\n"
                    + any(List.of("", "Content-Type: application/jsonl\r\n", "Content-Type: ;\r\n",
                            "Content-Transfer-Encoding: base64\r\n"))
                    + any(List.of("\r\n", "\r\n", "\r\n", ""))));
            form.writeBytes(content());
            form.writeBytes(text("\r\n"));
        }
        form.writeBytes(text(any(List.of("--b--\r\n", "--b--", "--b\r\n", "", "--c--\r\n"))));
        byte[] bytes = form.toByteArray();
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private byte[] content() {
        byte[] good = text(
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}\n");
        return switch (random.nextInt(6)) {
            case 0 -> new byte[0];
            case 1 -> text("fine-tune");
            case 2 -> scratched(good);
            case 3 -> json("{\"text\":\"a\"}");
            case 4 -> json(new String(good, StandardCharsets.UTF_8));
            default -> good;
        };
    }
}
