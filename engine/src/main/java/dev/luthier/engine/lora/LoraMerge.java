package dev.luthier.engine.lora;

import dev.luthier.engine.decoder.DecoderWeights;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adds an adapter to the weights of its base model: {@code W += scaling x B A}; with DoRA the rows of that sum get the
 * lengths of the adapter's magnitudes.
 */
public final class LoraMerge {
    private LoraMerge() {}

    /**
     * Changes the base weights; sums are made in fp32 and rounded once.
     *
     * @throws IllegalArgumentException if the base is quantised
     */
    public static void into(DecoderWeights base, LoraWeights adapter) {
        if (base.isQuantized()) {
            throw new IllegalArgumentException("an adapter can be merged into weights that are not quantised");
        }
        adapter.forEachMember((place, member) -> {
            Tensor weight = place.weight(base);
            Tensor sum = torch.mm(member.b(), member.a()).mul_(new Scalar(place.slot().scaling()))
                    .add_(weight.to(ScalarType.Float));
            if (member.magnitude() != null) {
                sum.mul_(member.magnitude().div(RowLengths.divisors(sum)).unsqueeze(1));
            }
            weight.copy_(sum);
        });
    }
}
