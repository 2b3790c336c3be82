package dev.luthier.lab.corpus;

import java.util.List;

/**
 * Draws slot values by kind: a category of the lexicon, or {@code person}, {@code surname}, {@code madeup}, {@code code},
 * {@code clock}, {@code number LOW HIGH}.
 */
final class Values {
    private static final List<String> ONSETS = List.of("b", "br", "c", "d", "dr", "f", "g", "gr", "h", "j", "k", "l",
            "m", "n", "p", "r", "s", "st", "t", "tr", "v", "w", "z");
    private static final List<String> VOWELS = List.of("a", "e", "i", "o", "u", "ai", "ea", "oo");
    private static final List<String> CODAS = List.of("", "", "l", "n", "r", "s", "t", "m", "nd", "ck");

    private final Lexicon lexicon;

    Values(Lexicon lexicon) {
        this.lexicon = lexicon;
    }

    Value draw(String kind, Draw draw) {
        String[] parts = kind.split(" ", -1);
        return switch (parts[0]) {
            case "person" -> Value.word(draw.pick(lexicon.words("first")) + " " + surname(draw));
            case "surname" -> Value.word(surname(draw));
            case "madeup" -> Value.word(capitalised(madeUp(draw)));
            case "code" -> Value.word("" + (char) ('A' + draw.between(0, 25)) + draw.between(10, 9999));
            case "clock" -> clock(draw);
            case "number" -> number(draw.between(Integer.parseInt(parts[1]), Integer.parseInt(parts[2])), draw);
            default -> Value.word(draw.pick(lexicon.words(parts[0])));
        };
    }

    /** A pronounceable word that means nothing: lower case, two or three syllables. */
    static String madeUp(Draw draw) {
        StringBuilder word = new StringBuilder();
        int syllables = draw.between(2, 3);
        for (int i = 0; i < syllables; i++) {
            word.append(draw.pick(ONSETS)).append(draw.pick(VOWELS));
        }
        return word.append(draw.pick(CODAS)).toString();
    }

    static String capitalised(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    static Value number(int number, Draw draw) {
        String plain = Integer.toString(number);
        boolean spelled = draw.chance(number < 100 ? 0.4 : 0.1);
        return new Value(spelled ? Spelling.words(number) : plain, plain, true);
    }

    static Value clock(Draw draw) {
        int hour = draw.chance(0.85) ? draw.between(5, 23) : draw.between(0, 23);
        int minute = draw.chance(0.5) ? draw.pick(0, 0, 30, 15, 45) : 5 * draw.between(0, 11);
        return new Value("at " + Spelling.spokenClock(hour, minute, draw), Spelling.clock(hour, minute), false);
    }

    private String surname(Draw draw) {
        return draw.chance(0.9) ? draw.pick(lexicon.words("last")) : capitalised(madeUp(draw));
    }
}
