package dev.luthier.server.model;

import java.util.Optional;

/** What needs a model now, so that it should not be removed. */
@FunctionalInterface
public interface ModelUse {

    /** What needs it, as part of a sentence: {@code 2 jobs that have not ended}; empty when nothing does. */
    Optional<String> of(Model model);
}
