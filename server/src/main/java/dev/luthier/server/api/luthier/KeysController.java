package dev.luthier.server.api.luthier;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.core.problem.Problem;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequestArguments;
import dev.luthier.server.key.ApiKey;
import dev.luthier.server.key.KeyStore;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Role;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** API keys, for administrators: make, list, revoke. */
@RestController
@RequestMapping("/luthier/v1/keys")
public final class KeysController {
    private static final int MAX_NAME = 100;
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]*");
    private static final String NAME_RULE = "start with a letter or digit and hold only letters, digits, spaces, "
            + "dots, hyphens and underscores";
    private static final Map<String, Role> ROLES = Map.of("admin", Role.ADMIN, "member", Role.MEMBER);

    private final KeyStore keys;

    public KeysController(KeyStore keys) {
        this.keys = keys;
    }

    /**
     * A key as clients see it. Times are Unix seconds.
     *
     * @param key the key itself, in the answer that makes it and never again
     */
    record KeyJson(String id, String object, String name, String role, Owner organization, Owner project, String hint,
            long createdAt, @Nullable Long revokedAt, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key) {

        static KeyJson of(ApiKey key, @Nullable String secret) {
            return new KeyJson(key.id().toString(), "api_key", key.name(), key.role().name().toLowerCase(Locale.ROOT),
                    new Owner(key.organization(), key.organizationName()), new Owner(key.project(), key.projectName()),
                    key.hint(), key.createdAt() / 1000, key.revokedAt() == null ? null : key.revokedAt() / 1000,
                    secret);
        }
    }

    /** An organization or a project. */
    record Owner(String id, String name) {}

    /** All keys. */
    record KeyList(String object, List<KeyJson> data, int total) {}

    @PostMapping
    KeyJson create(Principal principal, Fields body) {
        RequestArguments.requireAdmin(principal);
        String organization = body.text("organization").notEmpty().maxLength(MAX_NAME).matching(NAME, NAME_RULE)
                .orElse("default");
        String project = body.text("project").notEmpty().maxLength(MAX_NAME).matching(NAME, NAME_RULE)
                .orElse("default");
        String name = body.text("name").notEmpty().maxLength(MAX_NAME).orElse("unnamed");
        Role role = body.choice("role", ROLES).orElse(Role.MEMBER);
        body.finish();
        KeyStore.Created created = keys.create(organization, project, name, role);
        return KeyJson.of(created.key(), created.secret());
    }

    @GetMapping
    KeyList list(Principal principal, Query query) {
        RequestArguments.requireAdmin(principal);
        query.finish();
        List<KeyJson> all = keys.list().stream().map(key -> KeyJson.of(key, null)).toList();
        return new KeyList("list", all, all.size());
    }

    @DeleteMapping("/{id}")
    KeyJson revoke(Principal principal, @PathVariable("id") String id) {
        RequestArguments.requireAdmin(principal);
        return KeyJson.of(
                keys.revoke(Ids.parse("key-", id).orElseThrow(
                        () -> Problem.user("key_not_found", "There is no API key " + id + ".").asException())),
                null);
    }
}
