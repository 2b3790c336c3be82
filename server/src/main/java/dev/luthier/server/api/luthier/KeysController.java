package dev.luthier.server.api.luthier;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.luthier.core.problem.Problem;
import dev.luthier.server.api.ApiFailure;
import dev.luthier.server.api.Fields;
import dev.luthier.server.api.Ids;
import dev.luthier.server.api.Query;
import dev.luthier.server.api.RequiresScope;
import dev.luthier.server.key.ApiKey;
import dev.luthier.server.key.KeyStore;
import dev.luthier.server.key.Principal;
import dev.luthier.server.key.Role;
import dev.luthier.server.key.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** API keys: make, list, revoke. An organization's administrators have those of their organization. */
@RestController
@RequestMapping("/luthier/v1/keys")
public final class KeysController {
    private static final int MAX_NAME = 100;
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]*");
    private static final String NAME_RULE = "start with a letter or digit and hold only letters, digits, spaces, "
            + "dots, hyphens and underscores";
    private static final Map<String, Role> ROLES = roles();

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
            return new KeyJson(key.id().toString(), "api_key", key.name(), key.role().publicName(),
                    new Owner(key.organization(), key.organizationName()), new Owner(key.project(), key.projectName()),
                    key.hint(), key.createdAt() / 1000, key.revokedAt() == null ? null : key.revokedAt() / 1000,
                    secret);
        }
    }

    /** An organization or a project. */
    record Owner(String id, String name) {}

    private static Map<String, Role> roles() {
        Map<String, Role> roles = new HashMap<>(Role.byName());
        roles.put("admin", Role.ORGANIZATION_ADMIN); // as before there were several kinds
        return Map.copyOf(roles);
    }

    /** All keys that the caller manages. */
    record KeyList(String object, List<KeyJson> data, int total) {}

    @PostMapping
    @RequiresScope(Scope.ORGANIZATION)
    KeyJson create(Principal principal, Fields body) {
        String own = keys.organizationName(principal);
        String organization = body.text("organization").notEmpty().maxLength(MAX_NAME).matching(NAME, NAME_RULE)
                .orElse(own);
        String project = body.text("project").notEmpty().maxLength(MAX_NAME).matching(NAME, NAME_RULE)
                .orElse("default");
        String name = body.text("name").notEmpty().maxLength(MAX_NAME).orElse("unnamed");
        Role role = body.choice("role", ROLES).orElse(Role.MEMBER);
        body.finish();
        requireMayGive(principal, role, organization.equals(own), own);
        KeyStore.Created created = keys.create(organization, project, name, role);
        return KeyJson.of(created.key(), created.secret());
    }

    /* The answer is the same whether the other organization exists or not. */
    private static void requireMayGive(Principal caller, Role role, boolean inOwnOrganization, String own) {
        if (!caller.role().has(Scope.INSTANCE) && !inOwnOrganization) {
            throw ApiFailure.of(403, "insufficient_scope", "Keys of other organizations need the scope "
                    + Scope.INSTANCE.publicName() + ". This key makes keys of " + own
                    + ": name that organization, or none.");
        }
        if (!caller.role().mayGive(role)) {
            throw ApiFailure.of(403, "insufficient_scope", "A key of the role " + caller.role().publicName()
                    + " cannot make one of the role " + role.publicName() + ", which has scopes that it lacks.");
        }
    }

    @GetMapping
    @RequiresScope(Scope.ORGANIZATION)
    KeyList list(Principal principal, Query query) {
        query.finish();
        List<KeyJson> all = keys.list(principal).stream().map(key -> KeyJson.of(key, null)).toList();
        return new KeyList("list", all, all.size());
    }

    @DeleteMapping("/{id}")
    @RequiresScope(Scope.ORGANIZATION)
    KeyJson revoke(Principal principal, @PathVariable("id") String id) {
        return KeyJson.of(
                keys.revoke(principal, Ids.parse("key-", id).orElseThrow(
                        () -> Problem.user("key_not_found", "There is no API key " + id + ".").asException())),
                null);
    }
}
