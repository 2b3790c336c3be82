package dev.luthier.lab.corpus;

/**
 * What fills a slot.
 *
 * @param said
 *            as a text says it ("half past nine in the evening")
 * @param plain
 *            as an answer writes it ("21:30")
 * @param number
 *            whether JSON writes it without quotes
 */
record Value(String said, String plain, boolean number) {
    static Value word(String word) {
        return new Value(word, word, false);
    }

    String json() {
        return number ? plain : '"' + plain + '"';
    }
}
