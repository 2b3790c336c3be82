package dev.luthier.engine.quant;

/**
 * 4-bit NormalFloat (QLoRA, arXiv 2305.14314): each block of 64 values along the flattened tensor has an fp32 scale, its
 * largest magnitude, and each value is the code of the nearest of 16 numbers between -1 and 1. Codes and scales are
 * those of bitsandbytes, bit for bit.
 */
public final class Nf4 {
    /** Values that share a scale. */
    public static final int BLOCK = 64;

    /** Quantiles of the normal distribution, exact zero among them; ascending, as the paper gives them, in fp32. */
    private static final float[] NUMBERS = {-1.0f, -0.6961928f, -0.52507305f, -0.3949175f, -0.28444138f, -0.18477343f,
            -0.091050036f, 0.0f, 0.0795803f, 0.1609302f, 0.2461123f, 0.33791524f, 0.44070983f, 0.562617f, 0.72295684f,
            1.0f};
    private static final float[] BORDERS = new float[NUMBERS.length - 1];
    private static final int ZERO = 7;
    /** The reference divides by no scale below this one, which is subnormal. */
    private static final float SMALLEST_DIVISOR = 1e-38f;

    static {
        for (int i = 0; i < BORDERS.length; i++) {
            BORDERS[i] = (NUMBERS[i] + NUMBERS[i + 1]) / 2;
        }
    }

    private Nf4() {}

    /** The number that a code, 0 to 15, stands for. */
    static float number(int code) {
        return NUMBERS[code];
    }

    /** Bytes of a tensor's codes. */
    public static long codeBytes(long elements) {
        return (elements + 1) / 2;
    }

    /** Number of a tensor's scales. */
    public static long blocks(long elements) {
        return (elements + BLOCK - 1) / BLOCK;
    }

    /**
     * Quantises values that begin at the start of a block. Needs Java's arithmetic: a thread that flushes subnormal
     * numbers to zero gives other codes in blocks of such numbers.
     *
     * @param count number of values; only at the end of a tensor may it be other than a multiple of {@link #BLOCK}
     * @param codes filled from index 0, two codes a byte, the first in the high half; half a byte left over is zero's code
     * @param scales filled from index 0
     * @throws ArithmeticException if a value is infinite or not a number
     */
    static void quantize(float[] values, int count, byte[] codes, float[] scales) {
        int block = 0;
        for (int start = 0; start < count; start += BLOCK) {
            int end = Math.min(start + BLOCK, count);
            float peak = peak(values, start, end);
            float divisor = Math.max(peak, SMALLEST_DIVISOR);
            if (end - start == BLOCK) {
                float factor = 1 / divisor;
                for (int i = start; i < end; i += 2) {
                    codes[i / 2] = (byte) (code(values[i] * factor) << 4 | code(values[i + 1] * factor));
                }
                scales[block] = peak;
            } else { // The reference treats a short block differently, down to the last bit.
                for (int i = start; i < end; i += 2) {
                    int second = i + 1 < end ? code(values[i + 1] / divisor) : ZERO;
                    codes[i / 2] = (byte) (code(values[i] / divisor) << 4 | second);
                }
                scales[block] = divisor;
            }
            block++;
        }
    }

    private static float peak(float[] values, int start, int end) {
        int peak = 0;
        for (int i = start; i < end; i++) { // Without their sign, floats are ordered as their bits are.
            peak = Math.max(peak, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
        }
        float value = Float.intBitsToFloat(peak);
        if (!Float.isFinite(value)) {
            throw new ArithmeticException("a value is " + value);
        }
        return value;
    }

    /** How many borders lie below; a value on a border gets the lower code. */
    private static int code(float value) {
        int code = value > BORDERS[7] ? 8 : 0;
        code += value > BORDERS[code + 3] ? 4 : 0;
        code += value > BORDERS[code + 1] ? 2 : 0;
        return code + (value > BORDERS[code] ? 1 : 0);
    }
}
