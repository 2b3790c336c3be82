package dev.luthier.server.file;

import dev.luthier.core.data.DataReport;

/** An upload whose content is not training data; nothing of it was kept. */
public final class InvalidFile extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient DataReport report;

    InvalidFile(DataReport report) {
        super(report.summary());
        this.report = report;
    }

    public DataReport report() {
        return report;
    }
}
