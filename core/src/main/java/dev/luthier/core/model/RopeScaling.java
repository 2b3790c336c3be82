package dev.luthier.core.model;

import org.jspecify.annotations.Nullable;

/** How rotary frequencies are stretched to contexts longer than those of pre-training. */
public sealed interface RopeScaling {

    /** Frequencies after scaling; the argument may be changed and returned. */
    float[] scale(float[] inverseFrequencies, double theta);

    /** Factor on both cosine and sine. */
    default double attentionFactor() {
        return 1;
    }

    /** Frequencies as they are; {@code default} in config.json. */
    record None() implements RopeScaling {
        @Override
        public float[] scale(float[] inverseFrequencies, double theta) {
            return inverseFrequencies;
        }
    }

    /** All frequencies divided by one factor. */
    record Linear(double factor) implements RopeScaling {
        @Override
        public float[] scale(float[] inverseFrequencies, double theta) {
            for (int i = 0; i < inverseFrequencies.length; i++) {
                inverseFrequencies[i] /= (float) factor;
            }
            return inverseFrequencies;
        }
    }

    /**
     * Llama 3.1: long wavelengths divided by the factor, short ones kept, those between interpolated.
     *
     * @param originalMaxPositions context of pre-training, in tokens
     */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor,
            int originalMaxPositions) implements RopeScaling {
        @Override
        public float[] scale(float[] inverseFrequencies, double theta) {
            double longest = originalMaxPositions / lowFrequencyFactor;
            double shortest = originalMaxPositions / highFrequencyFactor;
            for (int i = 0; i < inverseFrequencies.length; i++) {
                float frequency = inverseFrequencies[i];
                float wavelength = (float) (2 * Math.PI) / frequency;
                if (wavelength > longest) {
                    inverseFrequencies[i] = frequency / (float) factor;
                } else if (wavelength >= shortest) {
                    float smooth = (originalMaxPositions / wavelength - (float) lowFrequencyFactor)
                            / (float) (highFrequencyFactor - lowFrequencyFactor);
                    inverseFrequencies[i] = (1 - smooth) * frequency / (float) factor + smooth * frequency;
                }
            }
            return inverseFrequencies;
        }
    }

    /**
     * YaRN (arXiv 2309.00071), with the options of Hugging Face transformers.
     *
     * @param betaFast rotations over the original context above which a frequency is kept
     * @param betaSlow rotations below which it is divided by the factor
     * @param givenAttentionFactor the factor on cosine and sine, or null to derive it from the others
     * @param mscale 0 if not given
     * @param mscaleAllDim 0 if not given
     * @param truncate whether the bounds of the ramp are rounded outwards to whole dimensions
     */
    record Yarn(double factor, int originalMaxPositions, double betaFast, double betaSlow,
            @Nullable Double givenAttentionFactor, double mscale, double mscaleAllDim,
            boolean truncate) implements RopeScaling {
        @Override
        public float[] scale(float[] inverseFrequencies, double theta) {
            int headDim = 2 * inverseFrequencies.length;
            double low = boundary(betaFast, headDim, theta);
            double high = boundary(betaSlow, headDim, theta);
            if (truncate) {
                low = Math.floor(low);
                high = Math.ceil(high);
            }
            low = Math.max(low, 0);
            high = Math.min(high, headDim - 1);
            if (low == high) {
                high += 0.001;
            }
            for (int i = 0; i < inverseFrequencies.length; i++) {
                float interpolated = Math.clamp((float) ((i - low) / (high - low)), 0f, 1f);
                float kept = 1 - interpolated;
                float frequency = inverseFrequencies[i];
                inverseFrequencies[i] = frequency / (float) factor * (1 - kept) + frequency * kept;
            }
            return inverseFrequencies;
        }

        /** The pair index whose frequency makes that many rotations over the original context. */
        private double boundary(double rotations, int headDim, double theta) {
            return headDim * Math.log(originalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
        }

        @Override
        public double attentionFactor() {
            if (givenAttentionFactor != null) {
                return givenAttentionFactor;
            }
            return mscale != 0 && mscaleAllDim != 0
                    ? magnitude(mscale) / magnitude(mscaleAllDim)
                    : magnitude(1);
        }

        private double magnitude(double scale) {
            return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
        }
    }
}
