package dev.luthier.engine.decoder;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A projection in training: the matrix, perhaps a low-rank term, and where its gradients go. Legend: T tokens, I inputs,
 * O outputs, S stacked rank.
 */
final class TrainedProjection {
    private final String name;
    private final Projection base;
    private final @Nullable LowRank term;
    private final LowRank.@Nullable Magnitude magnitude;
    private final LowRank.@Nullable Gradients termGradients;
    private final @Nullable Projection baseGradients;
    private final Scratch scratch;

    /**
     * @param name of the projection in its layer, for its buffers
     * @param baseGradients fp32 gradients of the matrix and bias, or null for a frozen one
     */
    TrainedProjection(String name, Projection base, Trainable.Adapted adapted, @Nullable Projection baseGradients,
            Scratch scratch) {
        this.name = name;
        this.base = base;
        this.term = adapted.term();
        this.magnitude = term == null ? null : term.magnitude();
        this.termGradients = adapted.gradients();
        this.baseGradients = baseGradients;
        this.scratch = scratch;
    }

    /** Whether {@link #backward} uses x. */
    boolean learns() {
        return term != null || baseGradients != null;
    }

    /**
     * y = x W' + b + scale (x A') B', with DoRA's gain on what x gives.
     *
     * @param x [T, I]
     * @param y [T, O], written
     * @param saved buffers that live until backward
     */
    void forward(Tensor x, Tensor y, Scratch saved) {
        Tensor bias = base.bias();
        if (magnitude != null) {
            torch.mul_out(y, directed(x, saved), magnitude.gain());
            addBias(y);
        } else {
            if (bias == null) {
                torch.mm_out(y, x, base.transposed());
            } else {
                torch.addmm_out(y, bias, x, base.transposed());
            }
            addTerm(x, y, saved);
        }
    }

    /** y = residual + x W' + ...; as forward, with a residual [T, O] added. */
    void forwardOnto(Tensor x, Tensor residual, Tensor y, Scratch saved) {
        if (magnitude != null) {
            torch.addcmul_out(y, residual, directed(x, saved), magnitude.gain());
        } else {
            torch.addmm_out(y, residual, x, base.transposed());
            addTerm(x, y, saved);
        }
        addBias(y);
    }

    /** x (W + scale B A)', [T, O], before DoRA's gain; kept for backward. */
    private Tensor directed(Tensor x, Scratch saved) {
        Tensor product = saved.rows(name + ".directed", x.size(0), base.outputs());
        torch.mm_out(product, x, base.transposed());
        addTerm(x, product, saved);
        return product;
    }

    private void addBias(Tensor y) {
        Tensor bias = base.bias();
        if (bias != null) {
            y.add_(bias);
        }
    }

    private void addTerm(Tensor x, Tensor y, Scratch saved) {
        if (term != null) {
            Tensor low = saved.rows(name + ".low", x.size(0), term.rank()); // [T, I] -> [T, S]
            torch.mm_out(low, x, term.aTransposed());
            y.addmm_(low, term.bTransposed(), new Scalar(1.0), term.scale());
        }
    }

    /**
     * Adds the gradients of what learns and writes the gradient of x.
     *
     * @param x [T, I] as given to forward
     * @param dy [T, O]
     * @param dx [T, I], written; null if nobody needs it
     */
    void backward(Tensor x, Tensor dy, @Nullable Tensor dx, Scratch saved) {
        if (magnitude != null && termGradients != null) {
            Tensor directedGradient = backwardMagnitude(magnitude, termGradients, dy, saved);
            backwardProducts(x, directedGradient, dx, saved);
        } else {
            backwardProducts(x, dy, dx, saved);
        }
    }

    /** Adds the gradients of the magnitudes; returns the gradient of {@link #directed}. */
    private Tensor backwardMagnitude(LowRank.Magnitude lengths, LowRank.Gradients gradients, Tensor dy,
            Scratch saved) {
        Tensor product = scratch.rows("directedGradient", dy.size(0), dy.size(1));
        torch.mul_out(product, dy, saved.rows(name + ".directed", dy.size(0), dy.size(1)));
        Tensor perRow = product.sum(new long[]{0}, false, new ScalarTypeOptional(ScalarType.Float))
                .mul_(lengths.inverseLength()); // [O]
        for (LowRank.Block block : gradients.blocks()) {
            if (block.magnitude() != null) {
                block.magnitude().add_(perRow.narrow(0, block.row(), block.magnitude().size(0)));
            }
        }
        return torch.mul_out(product, dy, lengths.gain());
    }

    private void backwardProducts(Tensor x, Tensor dy, @Nullable Tensor dx, Scratch saved) {
        if (dx != null) {
            torch.mm_out(dx, dy, base.weight());
        }
        if (term != null && termGradients != null) {
            backwardTerm(term, termGradients, x, dy, dx, saved);
        }
        if (baseGradients != null) {
            backwardBase(baseGradients, x, dy);
        }
    }

    private void backwardTerm(LowRank low, LowRank.Gradients gradients, Tensor x, Tensor dy, @Nullable Tensor dx,
            Scratch saved) {
        long tokens = x.size(0);
        Tensor dyB = scratch.rows("dyB", tokens, low.rank()); // [T, O] -> [T, S]
        torch.mm_out(dyB, dy, low.b());
        if (dx != null) {
            dx.addmm_(dyB, low.a(), new Scalar(1.0), low.scale());
        }
        Tensor dA = scratch.get("dA", low.rank(), x.size(1));
        torch.mm_out(dA, dyB.t(), x);
        gradients.a().add_(dA, low.scale());
        Tensor lowX = saved.rows(name + ".low", tokens, low.rank());
        // The narrow matrix comes first: [S, T] x [T, O] takes two thirds of the time of [O, T] x [T, S].
        Tensor dB = scratch.get("dB", low.rank(), dy.size(1));
        torch.mm_out(dB, lowX.t(), dy);
        for (LowRank.Block block : gradients.blocks()) {
            Tensor gradient = block.gradient(); // [rows, rank]
            Tensor part = dB.narrow(0, block.column(), gradient.size(1)).narrow(1, block.row(), gradient.size(0));
            gradient.add_(part.t(), block.scale());
        }
    }

    private void backwardBase(Projection gradients, Tensor x, Tensor dy) {
        Tensor dW = scratch.get("dW", dy.size(1), x.size(1));
        torch.mm_out(dW, dy.t(), x);
        gradients.weight().add_(dW);
        Tensor dBias = gradients.bias();
        if (dBias != null) {
            dBias.add_(dy.sum(new long[]{0}, false, new ScalarTypeOptional(ScalarType.Float)));
        }
    }
}
