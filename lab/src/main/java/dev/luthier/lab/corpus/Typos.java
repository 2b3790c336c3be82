package dev.luthier.lab.corpus;

/** Slips of the finger: a letter left out, doubled, or swapped with its neighbour. */
final class Typos {
    private static final double PER_WORD = 0.12;
    private static final int SHORTEST = 4;

    private Typos() {}

    /** Misspells some of the lower-case words of at least four letters. */
    static String scatter(String text, Draw draw) {
        StringBuilder out = new StringBuilder();
        for (String word : text.split("(?<= )", -1)) {
            out.append(word.strip().length() >= SHORTEST && word.strip().chars().allMatch(c -> c >= 'a' && c <= 'z')
                    && draw.chance(PER_WORD) ? misspell(word, draw) : word);
        }
        return out.toString();
    }

    private static String misspell(String word, Draw draw) {
        int at = draw.between(1, word.strip().length() - 2);
        return switch (draw.between(0, 2)) {
            case 0 -> word.substring(0, at) + word.substring(at + 1);
            case 1 -> word.substring(0, at) + word.charAt(at) + word.substring(at);
            default -> word.substring(0, at) + word.charAt(at + 1) + word.charAt(at) + word.substring(at + 2);
        };
    }
}
