package dev.luthier.server.file;

/** What a stored file is for. */
public enum FilePurpose {
    /** Samples that jobs train on or are measured with. */
    FINE_TUNE("fine-tune"),
    /** The figures of a job's training, which the server writes. */
    FINE_TUNE_RESULTS("fine-tune-results");

    private final String publicName;

    FilePurpose(String publicName) {
        this.publicName = publicName;
    }

    /** As clients write it. */
    public String publicName() {
        return publicName;
    }
}
