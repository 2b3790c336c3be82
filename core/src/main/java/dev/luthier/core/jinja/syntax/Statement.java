package dev.luthier.core.jinja.syntax;

import java.util.List;

import org.jspecify.annotations.Nullable;

/** What does something. Every node knows its line, from 1. */
public sealed interface Statement {
    int line();

    /** Literal template text. */
    record Text(String text, int line) implements Statement {}

    record Print(Expression value, int line) implements Statement {}

    record Set(Target target, Expression value, int line) implements Statement {}

    /** {@code {% set x | filter %}...{% endset %}}. */
    record SetBlock(Target target, Expression.@Nullable Filter filter, List<Statement> body, int line)
            implements
                Statement {}

    record For(Target target, Expression iterable, @Nullable Expression test, boolean recursive, List<Statement> body,
            List<Statement> otherwise, int line) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

    /** One {@code if} or {@code elif}. */
    record Branch(Expression test, List<Statement> body) {}

    record MacroDefinition(Macro macro, int line) implements Statement {}

    /** {@code {% call(parameters) callee(arguments) %}}: the body becomes the argument {@code caller}. */
    record CallBlock(Expression.Call call, Macro caller, int line) implements Statement {}

    record FilterBlock(Expression.Filter filter, List<Statement> body, int line) implements Statement {}

    record With(List<Binding> bindings, List<Statement> body, int line) implements Statement {}

    /** One variable of a {@code with}. */
    record Binding(Target target, Expression value) {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    /** {@code {% generation %}}: what the assistant wrote. */
    record Generation(List<Statement> body, int line) implements Statement {}

    /**
     * The static part of a macro.
     *
     * @param name "" for the body of a call block
     * @param usesCaller whether the body reads {@code caller}, and so for the two others
     */
    record Macro(String name, List<Parameter> parameters, List<Statement> body, boolean usesCaller,
            boolean usesNamedRest, boolean usesPositionalRest, int line) {
        public boolean hasParameter(String parameter) {
            return parameters.stream().anyMatch(p -> p.name().equals(parameter));
        }
    }

    /** One parameter of a macro. */
    record Parameter(String name, @Nullable Expression defaultValue) {}

    /** What can be assigned to. */
    sealed interface Target {
        record Variable(String name) implements Target {}

        /** {@code namespace.attribute}. */
        record NamespaceAttribute(String namespace, String attribute) implements Target {}

        record Unpack(List<Target> targets) implements Target {}
    }
}
