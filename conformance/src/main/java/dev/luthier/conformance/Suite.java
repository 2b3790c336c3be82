package dev.luthier.conformance;

import java.nio.file.Path;

/** One official SDK, driven by a program of its own: the executable {@code suite} in a folder below {@code conformance/}. */
enum Suite {
    OPENAI_NODE("openai-node", "Node", Dialect.OPENAI), //
    OPENAI_PYTHON("openai-python", "Python", Dialect.OPENAI), //
    OPENAI_JAVA("openai-java", "Java", Dialect.OPENAI), //
    OPENAI_KOTLIN("openai-kotlin", "Kotlin", Dialect.OPENAI), //
    OPENAI_RUST("openai-rust", "Rust", Dialect.OPENAI), //
    MISTRAL_TS_V2("mistral-ts/v2", "TypeScript", Dialect.MISTRAL), //
    MISTRAL_TS_V1("mistral-ts/v1", "TypeScript", Dialect.MISTRAL), //
    MISTRAL_PYTHON_V2("mistral-python/v2", "Python", Dialect.MISTRAL), //
    MISTRAL_PYTHON_V1("mistral-python/v1", "Python", Dialect.MISTRAL);

    private final String label;
    private final String language;
    private final Dialect dialect;

    Suite(String label, String language, Dialect dialect) {
        this.label = label;
        this.language = language;
        this.dialect = dialect;
    }

    /** Its folder below {@code conformance/}, which is its name on the command line too. */
    String label() {
        return label;
    }

    String language() {
        return language;
    }

    Dialect dialect() {
        return dialect;
    }

    Path folder() {
        return LiveServer.ROOT.resolve("conformance").resolve(label);
    }
}
