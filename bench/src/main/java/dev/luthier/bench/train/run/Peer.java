package dev.luthier.bench.train.run;

import java.util.Locale;

/** What a user would take instead: TRL's SFTTrainer with PEFT's LoRA, by different recipes. */
public enum Peer {
    /** SFTConfig as it is. */
    DEFAULT("TRL default"),
    /** No gradient checkpointing, batches of like length, weights in the faster type, scaled_dot_product_attention. */
    TUNED("TRL tuned"),
    /** Tuned, and {@code torch.compile}. */
    COMPILED("TRL tuned, torch.compile");

    private final String title;

    Peer(String title) {
        this.title = title;
    }

    /** The name on the command line, and of the recipe. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name in tables. */
    public String title() {
        return title;
    }
}
