package dev.luthier.lab.parity;

import dev.luthier.core.json.Json;
import dev.luthier.lab.corpus.CorpusGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A data file of texts like those that the bundled model was pre-trained on: its loss on them hardly moves any more. */
final class TextFile {
    private TextFile() {}

    /**
     * Writes JSON Lines of whole texts.
     *
     * @param seed of the generator; a seed of its own for each file, other than those of the pre-training
     */
    static void write(long seed, int documents, Path out) throws IOException {
        CorpusGenerator corpus = new CorpusGenerator(seed, 0);
        try (BufferedWriter writer = Files.newBufferedWriter(out)) {
            for (int i = 0; i < documents; i++) {
                writer.write(Json.write(Map.of("text", corpus.next().text())) + "\n");
            }
        }
    }
}
