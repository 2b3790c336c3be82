package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Function;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** The variable {@code loop}: the place in a loop over items that are read one by one. */
public final class Loop implements Value.Instance {
    private final Budget budget;
    private final Function.Body recursion;
    private final int depth;
    private Iterator<Value> items;
    /** -1 while unknown. */
    private int length;
    private int index = -1;
    private @Nullable Value previous;
    private @Nullable Value current;
    /** The item after the current one, when it was looked at already. */
    private @Nullable Value peeked;
    private @Nullable List<Value> lastChanged;

    /**
     * @param length of the items, or -1 when only reading them tells
     * @param recursion what {@code loop(items)} does
     * @param depth 0 for the outermost level
     */
    public Loop(Iterator<Value> items, int length, Function.Body recursion, int depth, Budget budget) {
        this.items = items;
        this.length = length;
        this.recursion = recursion;
        this.depth = depth;
        this.budget = budget;
    }

    /** Moves to the next item; null at the end. */
    @Nullable
    public Value advance() {
        Value next = peek();
        peeked = null;
        if (next != null) {
            index++;
            previous = current;
            current = next;
        }
        return next;
    }

    private @Nullable Value peek() {
        if (peeked == null && items.hasNext()) {
            peeked = items.next();
        }
        return peeked;
    }

    int length() {
        if (length < 0) {
            List<Value> rest = new ArrayList<>();
            while (items.hasNext()) {
                rest.add(items.next());
                budget.step();
            }
            items = rest.iterator();
            length = rest.size() + index + 1 + (peeked == null ? 0 : 1);
        }
        return length;
    }

    @Override
    public Value attribute(String name) {
        return switch (name) {
            case "index" -> Int.of(index + 1L);
            case "index0" -> Int.of(index);
            case "revindex" -> Int.of((long) length() - index);
            case "revindex0" -> Int.of((long) length() - index - 1);
            case "first" -> Bool.of(index == 0);
            case "last" -> Bool.of(peek() == null);
            case "length" -> Int.of(length());
            case "depth" -> Int.of(depth + 1L);
            case "depth0" -> Int.of(depth);
            case "previtem" -> previous == null ? new Undefined("there is no previous item") : previous;
            case "nextitem" -> {
                Value next = peek();
                yield next == null ? new Undefined("there is no next item") : next;
            }
            case "cycle" -> new Function("loop.cycle", this::cycle);
            case "changed" -> new Function("loop.changed", this::changed);
            default -> new Undefined("'loop' has no attribute '" + name + "'");
        };
    }

    private Value cycle(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            throw TemplateFault.of("loop.cycle needs values to cycle through.");
        }
        return arguments.positional().get(index % arguments.positional().size());
    }

    private Value changed(Arguments arguments) {
        List<Value> values = arguments.positional();
        List<Value> last = lastChanged;
        boolean same = last != null
                && Comparison.equal(new Value.Tuple(last), new Value.Tuple(values), budget);
        if (!same) {
            lastChanged = values;
        }
        return Bool.of(!same);
    }

    @Override
    public boolean isCallable() {
        return true;
    }

    @Override
    public Value call(Arguments arguments) {
        return recursion.call(arguments);
    }

    @Override
    public String describe() {
        return "<LoopContext " + (index + 1) + "/" + length() + ">";
    }
}
