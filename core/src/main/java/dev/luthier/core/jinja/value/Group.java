package dev.luthier.core.jinja.value;

import dev.luthier.core.jinja.value.Value.Sequence;
import java.util.AbstractList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/** The elements of the named tuple that the filter {@code groupby} gives: the common key and the items. */
public final class Group extends AbstractList<Value> {
    private final Value grouper;
    private final Value items;

    public Group(Value grouper, List<Value> items) {
        this.grouper = grouper;
        this.items = new Sequence(items);
    }

    @Nullable
    Value attribute(String name) {
        return name.equals("grouper") ? grouper : name.equals("list") ? items : null;
    }

    @Override
    public Value get(int index) {
        return index == 0 ? grouper : items;
    }

    @Override
    public int size() {
        return 2;
    }
}
