package dev.luthier.core.jinja.syntax;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Which names the bodies of the open macros read; a macro takes further arguments only if it reads them. */
final class NameUses {
    private final Deque<Set<String>> open = new ArrayDeque<>();

    void read(String name) {
        if (!open.isEmpty()) {
            open.element().add(name);
        }
    }

    void begin() {
        open.push(new HashSet<>());
    }

    /** The names that the innermost body reads; they count for the body around it too. */
    Set<String> end() {
        Set<String> names = open.pop();
        if (!open.isEmpty()) {
            open.element().addAll(names);
        }
        return names;
    }
}
