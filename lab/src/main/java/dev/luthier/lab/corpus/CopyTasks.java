package dev.luthier.lab.corpus;

import dev.luthier.lab.corpus.Document.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tasks that only a model that attends to earlier occurrences can do. Short ones come first in training: without them a small model
 * takes millions of tokens to begin to copy at all.
 */
final class CopyTasks {
    private static final List<String> CATEGORIES = List.of("item", "room", "animal", "food", "fruit", "vegetable",
            "job", "colour", "first", "town", "adjective", "building", "plant", "weather", "material", "feeling");

    private final Lexicon lexicon;

    CopyTasks(Lexicon lexicon) {
        this.lexicon = lexicon;
    }

    /** A sequence, a bar, the same sequence again; only the second one counts. */
    Document repeat(int longest, Draw draw) {
        String sequence = String.join(draw.pick(" ", ", ", "\n"), pieces(draw.between(2, longest), draw));
        return new Document(List.of(new Segment(sequence + " | ", false), new Segment(sequence, true)));
    }

    Document repeatOnRequest(Draw draw) {
        String sequence = String.join(draw.pick(" ", ", "), pieces(draw.between(1, 8), draw));
        return new Chat(draw).user(draw.pick("Repeat: ", "Say: ", "Copy this: ", "Write again: ") + sequence)
                .assistant(sequence).document();
    }

    /** A plain list to a JSON list and back: the same words with and without a space before them. */
    Document jsonList(Draw draw) {
        List<String> words = pieces(draw.between(1, 7), draw);
        String plain = String.join(draw.pick(" ", ", ", " and "), words);
        String json = words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(",", "[", "]"));
        return draw.chance(0.75)
                ? new Chat(draw).user("As a JSON list: " + plain).assistant(json).document()
                : new Chat(draw).user("Without brackets: " + json).assistant(String.join(", ", words)).document();
    }

    /** "What follows X?" in a list without repetitions. */
    Document follow(Draw draw) {
        List<String> list = pieces(draw.between(3, 8), draw).stream().distinct().toList();
        if (list.size() < 2) {
            return repeatOnRequest(draw);
        }
        int at = draw.between(0, list.size() - 2);
        boolean after = draw.chance(0.6);
        return new Chat(draw)
                .user(String.join(", ", list) + "\n" + (after ? "After " + list.get(at) : "Before " + list.get(at + 1))
                        + "?")
                .assistant(after ? list.get(at + 1) : list.get(at)).document();
    }

    /** Pairs of words, then the partner of some of them. */
    Document pairs(int longest, Draw draw) {
        List<String> keys = draw.sample(lexicon.words(draw.pick(CATEGORIES)), draw.between(2, longest));
        List<String> partners = pieces(keys.size(), draw);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            lines.add(keys.get(i) + ": " + partners.get(i));
        }
        Chat chat = new Chat(draw);
        String prefix = String.join(draw.pick("\n", "; "), lines) + "\n";
        for (int i : draw.sample(indices(keys.size()), Math.min(keys.size(), draw.between(1, 3)))) {
            chat.user(prefix + keys.get(i) + "?").assistant(partners.get(i));
            prefix = "";
        }
        return chat.document();
    }

    private static List<Integer> indices(int size) {
        return IntStream.range(0, size).boxed().toList();
    }

    /** Words of the lexicon, made-up words, capitalised ones and numbers, mixed. */
    private List<String> pieces(int count, Draw draw) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pieces.add(switch (draw.between(0, 11)) {
                case 0 -> Values.madeUp(draw);
                case 1 -> Values.capitalised(Values.madeUp(draw));
                case 2 -> Integer.toString(draw.between(0, draw.pick(9, 99, 999)));
                case 3, 4, 5, 6 -> draw.pick(lexicon.words("common"));
                default -> draw.pick(lexicon.words(draw.pick(CATEGORIES)));
            });
        }
        return pieces;
    }
}
