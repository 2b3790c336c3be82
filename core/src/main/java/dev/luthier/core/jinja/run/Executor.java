package dev.luthier.core.jinja.run;

import dev.luthier.core.jinja.syntax.Expression;
import dev.luthier.core.jinja.syntax.Statement;
import dev.luthier.core.jinja.syntax.Statement.Branch;
import dev.luthier.core.jinja.syntax.Statement.Target;
import dev.luthier.core.jinja.value.Arguments;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Loop;
import dev.luthier.core.jinja.value.Printing;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.TextBuilder;
import dev.luthier.core.jinja.value.Types;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.jinja.value.Value.Function;
import dev.luthier.core.jinja.value.Value.Namespace;
import dev.luthier.core.jinja.value.Value.Str;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Runs statements and collects their text within one rendering. One thread. */
public final class Executor {
    /** Where a statement list goes on. */
    private enum Flow {
        NEXT, BREAK, CONTINUE
    }

    private final Evaluator evaluator;
    private final Budget budget;
    private final TextBuilder document;
    private final List<Rendering.Span> generations = new ArrayList<>();
    private TextBuilder out;
    private boolean generationInsideCapture;

    public Executor(Evaluator evaluator) {
        this.evaluator = evaluator;
        this.budget = evaluator.budget();
        this.document = new TextBuilder(budget);
        this.out = document;
    }

    Evaluator evaluator() {
        return evaluator;
    }

    public Rendering render(List<Statement> template, Scope scope) {
        run(template, scope);
        return new Rendering(document.toString(), generations, generationInsideCapture);
    }

    /** The text that the statements print. */
    String capture(List<Statement> body, Scope scope) {
        TextBuilder around = out;
        out = new TextBuilder(budget);
        budget.enter();
        run(body, scope);
        budget.leave();
        String text = out.toString();
        out = around;
        return text;
    }

    private Flow run(List<Statement> statements, Scope scope) {
        for (Statement statement : statements) {
            budget.enter();
            Flow flow;
            try {
                flow = run(statement, scope);
            } catch (TemplateFault fault) {
                throw fault.at(statement.line());
            }
            budget.leave();
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Text text -> out.append(text.text());
            case Statement.Print print -> out.append(evaluator.text(print.value(), scope));
            case Statement.Set set -> assign(set.target(), evaluator.evaluate(set.value(), scope), scope);
            case Statement.SetBlock set -> {
                Value text = new Str(capture(set.body(), scope.inner()));
                assign(set.target(), set.filter() == null ? text : evaluator.filterText(set.filter(), text, scope),
                        scope);
            }
            case Statement.MacroDefinition definition ->
                scope.set(definition.macro().name(), new MacroFunction(definition.macro(), scope, this));
            case Statement.CallBlock block -> callBlock(block, scope);
            case Statement.FilterBlock block -> {
                Value text = new Str(capture(block.body(), scope.inner()));
                out.append(Printing.str(evaluator.filterText(block.filter(), text, scope), budget));
            }
            case Statement.Generation generation -> generation(generation, scope);
            case Statement.If choice -> {
                return choose(choice, scope);
            }
            case Statement.With with -> {
                return with(with, scope);
            }
            case Statement.For loop -> loop(loop, evaluator.evaluate(loop.iterable(), scope), scope, 0);
            case Statement.Break end -> {
                return Flow.BREAK;
            }
            case Statement.Continue next -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NEXT;
    }

    private void callBlock(Statement.CallBlock block, Scope scope) {
        Value callee = evaluator.evaluate(block.call().callee(), scope);
        Arguments written = evaluator.arguments(block.call().arguments(), scope);
        Map<String, Value> named = new LinkedHashMap<>(written.named());
        named.put("caller", new MacroFunction(block.caller(), scope, this));
        Value text = evaluator.call(callee, new Arguments(written.positional(), named));
        out.append(Printing.str(text, budget));
    }

    private void generation(Statement.Generation generation, Scope scope) {
        boolean located = Types.identical(out, document);
        generationInsideCapture |= !located;
        int start = document.length();
        run(generation.body(), scope.inner());
        if (located) {
            generations.add(new Rendering.Span(start, document.length()));
        }
    }

    private Flow choose(Statement.If choice, Scope scope) {
        for (Branch branch : choice.branches()) {
            if (evaluator.holds(branch.test(), scope)) {
                return run(branch.body(), scope);
            }
        }
        return run(choice.otherwise(), scope);
    }

    private Flow with(Statement.With with, Scope scope) {
        Scope inner = scope.inner();
        List<Value> values = new ArrayList<>();
        with.bindings().forEach(binding -> values.add(evaluator.evaluate(binding.value(), scope)));
        for (int i = 0; i < values.size(); i++) {
            assign(with.bindings().get(i).target(), values.get(i), inner);
        }
        return run(with.body(), inner);
    }

    private void loop(Statement.For node, Value iterable, Scope scope, int depth) {
        Iterator<Value> items = Types.iterate(iterable, budget);
        Expression test = node.test();
        int length = test == null ? Types.length(iterable) : -1;
        Function.Body recursion = arguments -> recurse(node, arguments, scope, depth);
        Iterator<Value> chosen = test == null ? items : new Chosen(node.target(), test, items, scope);
        Loop loop = new Loop(chosen, length, recursion, depth, budget);
        boolean none = true;
        for (Value item = loop.advance(); item != null; item = loop.advance()) {
            none = false;
            Scope inner = scope.inner();
            inner.set("loop", loop);
            assign(node.target(), item, inner);
            if (run(node.body(), inner) == Flow.BREAK) {
                break;
            }
        }
        if (none) {
            run(node.otherwise(), scope.inner());
        }
    }

    private Value recurse(Statement.For node, Arguments arguments, Scope scope, int depth) {
        if (!node.recursive()) {
            throw TemplateFault.of("Only a loop marked 'recursive' can be called.");
        }
        Value iterable = arguments.bind("loop", "/iterable").required(0);
        TextBuilder around = out;
        out = new TextBuilder(budget);
        loop(node, iterable, scope, depth + 1);
        String text = out.toString();
        out = around;
        return new Str(text);
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case Target.Variable(String name) -> scope.set(name, value);
            case Target.NamespaceAttribute(String name, String attribute) -> {
                if (!(scope.get(name) instanceof Namespace namespace)) {
                    throw TemplateFault.of("Only attributes of a namespace can be set; '" + name + "' is none.");
                }
                namespace.attributes().put(attribute, value);
            }
            case Target.Unpack(List<Target> targets) -> {
                List<Value> values = Types.list(value, budget);
                if (values.size() != targets.size()) {
                    throw TemplateFault.of("Cannot unpack " + values.size() + " values into " + targets.size()
                            + " names.");
                }
                for (int i = 0; i < targets.size(); i++) {
                    assign(targets.get(i), values.get(i), scope);
                }
            }
        }
    }

    /** The items for which the condition of a {@code for ... if} holds, tested only when asked for. */
    private final class Chosen implements Iterator<Value> {
        private final Target target;
        private final Expression test;
        private final Iterator<Value> items;
        private final Scope scope;
        private @Nullable Value next;

        Chosen(Target target, Expression test, Iterator<Value> items, Scope scope) {
            this.target = target;
            this.test = test;
            this.items = items;
            this.scope = scope;
        }

        @Override
        public boolean hasNext() {
            while (next == null && items.hasNext()) {
                Value candidate = items.next();
                Scope inner = scope.inner();
                assign(target, candidate, inner);
                if (evaluator.holds(test, inner)) {
                    next = candidate;
                }
            }
            return next != null;
        }

        @Override
        public Value next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Value item = next;
            next = null;
            return item;
        }
    }
}
