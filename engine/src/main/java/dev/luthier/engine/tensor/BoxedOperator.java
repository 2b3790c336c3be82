package dev.luthier.engine.tensor;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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

    /**
     * Calls an operator that returns tensors only, with all arguments of its schema in order.
     *
     * @return the results in the schema's order, in the innermost scope
     */
    public Tensor[] results(IValue... arguments) {
        IValueVector stack = new IValueVector(arguments); // a call takes its arguments off and leaves its results
        handle.callBoxed(stack);
        Tensor[] results = new Tensor[(int) stack.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = stack.get(i).toTensor();
        }
        return results;
    }

    /** Names and types of the arguments and results, as libtorch writes them. */
    public String schema() {
        return torch.toString(handle.schema()).getString();
    }
}
