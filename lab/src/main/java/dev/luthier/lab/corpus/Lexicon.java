package dev.luthier.lab.corpus;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The word lists of the corpus, by category. */
record Lexicon(Map<String, List<String>> categories) {
    Lexicon {
        categories = Map.copyOf(categories);
    }

    static Lexicon load() {
        Map<String, List<String>> categories = new LinkedHashMap<>();
        for (String line : Resources.lines("lexicon.txt")) {
            int colon = line.indexOf(':');
            List<String> words = Arrays.stream(line.substring(colon + 1).split(",", -1)).map(String::strip).toList();
            if (categories.put(line.substring(0, colon).strip(), words) != null) {
                throw new IllegalArgumentException("lexicon.txt lists a category twice: " + line);
            }
        }
        return new Lexicon(categories);
    }

    boolean has(String category) {
        return categories.containsKey(category);
    }

    List<String> words(String category) {
        List<String> words = categories.get(category);
        if (words == null) {
            throw new IllegalArgumentException("lexicon.txt has no category \"" + category + "\"");
        }
        return words;
    }
}
