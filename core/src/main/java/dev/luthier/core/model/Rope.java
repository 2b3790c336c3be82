package dev.luthier.core.model;

/**
 * Rotary position embedding over the whole head: base wavelength and how it is stretched to longer contexts.
 *
 * @param theta base, for example 10000
 */
public record Rope(double theta, RopeScaling scaling) {

    /**
     * Angle per position of each pair of head elements (pair i is elements i and i + headDim / 2), computed in float as
     * Hugging Face transformers does.
     *
     * @param headDim even
     * @return headDim / 2 values, radians per token
     */
    public float[] inverseFrequencies(int headDim) {
        float[] unscaled = new float[headDim / 2];
        for (int i = 0; i < unscaled.length; i++) {
            unscaled[i] = 1f / (float) Math.pow(theta, 2f * i / headDim);
        }
        return scaling.scale(unscaled, theta);
    }

    /** Factor on both cosine and sine; 1 except for YaRN. */
    public double attentionFactor() {
        return scaling.attentionFactor();
    }
}
