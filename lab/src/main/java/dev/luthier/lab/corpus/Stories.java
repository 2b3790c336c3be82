package dev.luthier.lab.corpus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Narrative with a wide vocabulary, from the sentence frames of {@code stories.txt}. */
final class Stories {
    private final Lexicon lexicon;
    private final Map<String, List<Frame>> frames = new LinkedHashMap<>();

    Stories(Lexicon lexicon) {
        this.lexicon = lexicon;
        for (String line : Resources.lines("stories.txt")) {
            int colon = line.indexOf(':');
            frames.computeIfAbsent(line.substring(0, colon), part -> new ArrayList<>())
                    .add(new Frame(line.substring(colon + 1).strip()));
        }
    }

    /** A story of {@code middle} sentences between its first and its last one. */
    String story(int middle, Draw draw) {
        List<String> names = draw.sample(lexicon.words("first"), 2);
        List<String> sentences = new ArrayList<>();
        sentences.add(sentence("start", names, draw));
        for (int i = 0; i < middle; i++) {
            sentences.add(sentence("middle", names, draw));
        }
        sentences.add(sentence("end", names, draw));
        return String.join(" ", sentences);
    }

    private String sentence(String part, List<String> names, Draw draw) {
        return draw.pick(frames.getOrDefault(part, List.of())).fill(draw, slot -> switch (slot) {
            case "hero" -> names.getFirst();
            case "friend" -> names.get(1);
            case "num", "num2" -> Values.number(draw.between(2, 99), draw).said();
            case "num3" -> Spelling.words(draw.between(2, 12));
            case "dayname" -> draw.pick(lexicon.words("day"));
            case "clockwords" -> Values.clock(draw).said().substring("at ".length());
            default -> draw.pick(lexicon.words(slot.replaceAll("[0-9]", "")));
        });
    }
}
