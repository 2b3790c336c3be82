package dev.luthier.engine.decoder;

import dev.luthier.core.model.ModelConfig;

/**
 * How many heads attention has, and how wide they are. Query heads k x G to k x G + G - 1 read kv head k.
 *
 * @param kvHeads K
 * @param group G, query heads per kv head
 * @param headDim E
 */
record HeadShape(long kvHeads, long group, long headDim) {

    static HeadShape of(ModelConfig config) {
        return new HeadShape(config.kvHeads(), config.heads() / config.kvHeads(), config.headDim());
    }

    /** Query heads, K x G. */
    long heads() {
        return kvHeads * group;
    }
}
