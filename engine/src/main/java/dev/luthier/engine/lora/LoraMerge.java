package dev.luthier.engine.lora;

import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.Projection;
import dev.luthier.engine.tensor.TensorScope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Adds an adapter to the weights of its base model: {@code W += scaling x B A}. */
public final class LoraMerge {
    private LoraMerge() {}

    /** Changes the base weights; sums are made in fp32 and rounded once. */
    public static void into(DecoderWeights base, LoraWeights adapter) {
        Scalar scaling = new Scalar(adapter.layout().shape().scaling());
        for (int layer = 0; layer < base.layers().size(); layer++) {
            List<Projection> projections = base.layers().get(layer).projections();
            for (int projection = 0; projection < projections.size(); projection++) {
                LoraWeights.Group group = adapter.layers().get(layer).get(projection);
                List<LoraLayout.Member> members = adapter.layout().layers().get(layer).get(projection).members();
                for (int i = 0; i < members.size(); i++) {
                    Projection.Part part = members.get(i).part();
                    try (TensorScope _ = TensorScope.open()) {
                        long rank = adapter.layout().shape().rank();
                        Tensor product = torch.mm(group.b().get(i), group.a().narrow(0, i * rank, rank));
                        Tensor rows = projections.get(projection).weight().narrow(0, part.start(), part.rows());
                        rows.copy_(rows.to(ScalarType.Float).add_(product, scaling));
                    }
                }
            }
        }
    }
}
