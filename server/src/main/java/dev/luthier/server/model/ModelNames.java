package dev.luthier.server.model;

import dev.luthier.core.digest.Sha256;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The public names of a fine-tuned model, as both vendors form them. */
public final class ModelNames {
    private static final int MISTRAL_SUFFIX_CHARACTERS = 18;
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private ModelNames() {}

    /**
     * The Mistral form: {@code ft:<base>:<8 hex of the organization>:<YYYYMMDD>:<first 8 of the id>}, the suffix, if
     * any, before the last part.
     *
     * @param root base model as the job's caller named it
     * @param suffix cleaned to letters, digits, hyphen and underscore, and cut to 18 characters
     * @param id of the job, or of an added adapter
     */
    public static String mistral(String root, String organization, Instant created, @Nullable String suffix, UUID id) {
        String cleaned = suffix == null ? "" : suffix.replaceAll("[^a-zA-Z0-9_-]+", "-");
        String cut = cleaned.substring(0, Math.min(MISTRAL_SUFFIX_CHARACTERS, cleaned.length()));
        return "ft:" + root + ":" + organizationHex(organization) + ":" + DAY.format(created) + ":"
                + (cut.isEmpty() ? "" : cut + ":") + id.toString().substring(0, 8);
    }

    /** What stands for the base model in the Mistral name of a classifier. */
    public static String classifier(String root) {
        return "classifier:" + root;
    }

    /**
     * The OpenAI form: {@code ft:<base>:<organization>:<suffix>:<8 letters and digits>}; without a suffix that part
     * stays empty.
     *
     * @param suffix cleaned to letters, digits, dot, hyphen and underscore: colons part a name, and slashes an address
     */
    public static String openai(String root, String organization, @Nullable String suffix, UUID id) {
        String owner = organization.startsWith("org-") ? organization.substring("org-".length()) : organization;
        String cleaned = suffix == null ? "" : suffix.replaceAll("[^a-zA-Z0-9._-]+", "-");
        return "ft:" + root + ":" + owner + ":" + cleaned + ":" + letters(id);
    }

    /** The name of an epoch's adapter, in either form: that of the job's model and the step. */
    public static String checkpoint(String name, int step) {
        return name + ":ckpt-step-" + step;
    }

    /**
     * What a new model is named after when training starts from a model of this name: the name itself, or that of the
     * base model when it is a fine-tuned model's, so that names never nest.
     */
    public static String root(String name) {
        int end = name.indexOf(':', "ft:".length());
        return name.startsWith("ft:") && end > 0 ? name.substring("ft:".length(), end) : name;
    }

    /** The first 8 hex digits of a hash of the organization: stable, and tells nothing about its name. */
    static String organizationHex(String organization) {
        return HexFormat.of().formatHex(Sha256.of(organization), 0, 4);
    }

    private static String letters(UUID id) {
        String alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        long rest = id.getMostSignificantBits() ^ id.getLeastSignificantBits();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            text.append(alphabet.charAt((int) Long.remainderUnsigned(rest, 62)));
            rest = Long.divideUnsigned(rest, 62);
        }
        return text.toString();
    }
}
