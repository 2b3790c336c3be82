package dev.luthier.engine.tensor;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/**
 * An operator that the binding has no method for (names that begin with an underscore), called through libtorch's
 * dispatcher. A call costs about 10 microseconds.
 */
public final class BoxedOperator {
    private final OperatorHandle handle;

    private BoxedOperator(OperatorHandle handle) {
        this.handle = handle;
    }

    /**
     * Finds an operator.
     *
     * @param name with namespace, for example {@code aten::_fused_adamw_}
     * @param overload {@code ""} for the base one
     */
    public static BoxedOperator find(String name, String overload) {
        OperatorHandle handle = Dispatcher.singleton().findSchemaOrThrow(name, overload);
        handle.retainReference();
        return new BoxedOperator(handle);
    }

    /** Calls the operator with all arguments of its schema in order; results go to its out or in-place arguments. */
    public void call(IValue... arguments) {
        handle.callBoxed(new IValueVector(arguments));
    }
}
