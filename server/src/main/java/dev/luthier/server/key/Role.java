package dev.luthier.server.key;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a key is for, as the scopes that it has. */
public enum Role {
    /** Runs the server; has every scope, but not the data of other organizations. */
    INSTANCE_ADMIN,
    /** Runs an organization and sees all its projects. */
    ORGANIZATION_ADMIN,
    /** Works in its project. */
    MEMBER,
    /** Watches its project. */
    READ_ONLY,
    /** Uses models, and sees nothing of how they came to be. */
    INFERENCE_ONLY,
    /** Reads {@code /metrics}. */
    METRICS;

    private static final Map<String, Role> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(Role::publicName, Function.identity()));

    private Set<Scope> scopes() {
        return switch (this) {
            case INSTANCE_ADMIN -> EnumSet.complementOf(EnumSet.of(Scope.NONE));
            case ORGANIZATION_ADMIN ->
                EnumSet.of(Scope.MODELS, Scope.INFERENCE, Scope.READ, Scope.WRITE, Scope.ORGANIZATION);
            case MEMBER -> EnumSet.of(Scope.MODELS, Scope.INFERENCE, Scope.READ, Scope.WRITE);
            case READ_ONLY -> EnumSet.of(Scope.MODELS, Scope.READ);
            case INFERENCE_ONLY -> EnumSet.of(Scope.MODELS, Scope.INFERENCE);
            case METRICS -> EnumSet.of(Scope.METRICS);
        };
    }

    /** Whether a key of this role may call a route that asks for the scope. */
    public boolean has(Scope scope) {
        return scope == Scope.NONE || scopes().contains(scope);
    }

    /** Whether a key of this role may make and revoke keys of the other: nobody gives what he does not have. */
    public boolean mayGive(Role other) {
        return has(Scope.ORGANIZATION) && scopes().containsAll(other.scopes());
    }

    /** Whether a key of this role sees every project of its organization, isolated or not. */
    public boolean seesAllProjects() {
        return has(Scope.ORGANIZATION);
    }

    /** The roles that have a scope, the weakest first. */
    public static List<Role> having(Scope scope) {
        return Arrays.stream(values()).filter(role -> role.has(scope)).toList().reversed();
    }

    /** As requests, answers and the command line name it: {@code read-only}. */
    public String publicName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All roles by their {@link #publicName}. */
    public static Map<String, Role> byName() {
        return BY_NAME;
    }
}
