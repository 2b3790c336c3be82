package dev.luthier.core.run;

/** What a training takes when nobody says otherwise: a request, a recipe or a server's settings. */
public final class TrainingDefaults {
    /** Of new adapters. */
    public static final int RANK = 16;
    /** New adapters are scaled by this over their rank. */
    public static final double ALPHA = 32;
    /** Samples of an optimizer step. */
    public static final int SAMPLES_PER_STEP = 16;

    private TrainingDefaults() {}
}
