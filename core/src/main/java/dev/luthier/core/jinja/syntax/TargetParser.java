package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.syntax.Statement.Target;
import dev.luthier.core.jinja.syntax.Token.Kind;
import dev.luthier.core.jinja.value.TemplateFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Parses what can be assigned to. */
final class TargetParser {
    private static final Set<String> CONSTANTS = Set.of("true", "True", "false", "False", "none", "None");

    private final TokenStream stream;

    TargetParser(TokenStream stream) {
        this.stream = stream;
    }

    /** A name, or several with commas; {@code namespaces} allows {@code name.attribute}. */
    Target target(boolean namespaces) {
        List<Target> targets = new ArrayList<>();
        boolean comma = false;
        while (stream.at(Kind.NAME) || stream.current().isOperator("(")) {
            targets.add(single(namespaces));
            if (!stream.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        if (targets.isEmpty()) {
            throw stream.unexpected("a name to assign to");
        }
        return comma ? new Target.Unpack(targets) : targets.getFirst();
    }

    private Target single(boolean namespaces) {
        if (stream.current().isOperator("(")) {
            stream.enter();
            stream.next();
            Target inner = target(false);
            stream.expectOperator(")");
            stream.leave();
            return inner;
        }
        String name = name();
        if (namespaces && stream.skipOperator(".")) {
            return new Target.NamespaceAttribute(name, stream.expect(Kind.NAME).text());
        }
        return new Target.Variable(name);
    }

    String name() {
        Token token = stream.expect(Kind.NAME);
        if (CONSTANTS.contains(token.text())) {
            throw TemplateFault.syntax("Cannot assign to '" + token.text() + "'.", token.line());
        }
        return token.text();
    }

    static Set<String> names(Target target) {
        return switch (target) {
            case Target.Variable(String name) -> Set.of(name);
            case Target.NamespaceAttribute(String namespace, String attribute) -> Set.of();
            case Target.Unpack(List<Target> targets) ->
                targets.stream().flatMap(inner -> names(inner).stream()).collect(Collectors.toSet());
        };
    }
}
