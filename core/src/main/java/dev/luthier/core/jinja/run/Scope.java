package dev.luthier.core.jinja.run;

import dev.luthier.core.jinja.value.Value;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** Variables of a block; what is not found here is looked for in the block around it. */
public final class Scope {
    private final Map<String, Value> variables;
    private final @Nullable Scope parent;

    private Scope(Map<String, Value> variables, @Nullable Scope parent) {
        this.variables = variables;
        this.parent = parent;
    }

    /** The outermost scope, with copies of these variables. */
    public static Scope of(Map<String, Value> variables) {
        return new Scope(new HashMap<>(variables), null);
    }

    Scope inner() {
        return new Scope(new HashMap<>(), this);
    }

    /** Null when there is no such variable. */
    @Nullable
    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Value value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** Sets the variable in this scope, whatever the scopes around it hold. */
    void set(String name, Value value) {
        variables.put(name, value);
    }
}
