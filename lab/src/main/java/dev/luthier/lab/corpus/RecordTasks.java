package dev.luthier.lab.corpus;

import java.util.ArrayList;
import java.util.List;

/** Chats about the facts of a passage: extraction as JSON or lines, questions, and the way back from a record to a fact. */
final class RecordTasks {
    private final List<Domain> domains;
    private final Values values;

    RecordTasks(List<Domain> domains, Values values) {
        this.domains = domains;
        this.values = values;
    }

    /** One text in, one line of JSON out; the keys are asked for, or are all those of the domain. */
    Document json(Draw draw) {
        Passage passage = passage(draw);
        if (draw.chance(0.55)) {
            return new Chat(draw).system(passage.domain().name() + draw.pick(" record", " as JSON", " to JSON"))
                    .user(passage.text()).assistant(passage.json(List.copyOf(passage.domain().slots().keySet())))
                    .document();
        }
        List<String> keys = keys(passage, draw);
        String list = String.join(", ", keys);
        String answer = passage.json(keys);
        Chat chat = new Chat(draw);
        switch (draw.between(0, 3)) {
            case 0 -> chat.system("Answer with JSON: " + list + ".").user(passage.text());
            case 1 -> chat.user("JSON with " + list + ":\n" + passage.text());
            case 2 -> chat.user(passage.text() + "\nWrite " + list + " as JSON.");
            default -> chat.system("Keys: " + list).user(passage.text());
        }
        return chat.assistant(answer).document();
    }

    Document lines(Draw draw) {
        Passage passage = passage(draw);
        List<String> keys = keys(passage, draw);
        String list = String.join(", ", keys);
        Chat chat = draw.chance(0.5)
                ? new Chat(draw).user("List " + list + ":\n" + passage.text())
                : new Chat(draw).system("Write lines: " + list).user(passage.text());
        return chat.assistant(passage.lines(keys)).document();
    }

    /** One to four questions about the same text, whose answers are copied from it. */
    Document questions(Draw draw) {
        Passage passage = passage(draw);
        List<String> known = passage.domain().questions().keySet().stream().filter(passage.facts()::containsKey)
                .sorted().toList();
        if (known.isEmpty()) {
            return json(draw);
        }
        Chat chat = new Chat(draw);
        boolean first = true;
        for (String slot : draw.sample(known, draw.between(1, Math.min(4, known.size())))) {
            String question = passage.domain().questions().get(slot);
            chat.user(first ? passage.text() + "\n" + question : String.valueOf(question))
                    .assistant(passage.fact(slot).plain());
            first = false;
        }
        return chat.document();
    }

    /** Several texts of one domain, then a record of each in the same order. */
    Document table(Draw draw) {
        Domain domain = draw.pick(domains);
        List<String> keys = null;
        StringBuilder texts = new StringBuilder();
        List<String> records = new ArrayList<>();
        for (int i = draw.between(2, 3); i > 0; i--) {
            Passage passage = Passage.draw(domain, values, draw);
            keys = keys == null ? draw.sample(List.copyOf(domain.slots().keySet()), 3) : keys;
            texts.append(texts.isEmpty() ? "" : "\n").append(passage.text());
            records.add(passage.json(keys));
        }
        return new Chat(draw).system("One JSON line per text: " + String.join(", ", keys == null ? List.of() : keys))
                .user(texts.toString()).assistant(String.join("\n", records)).document();
    }

    /** A record in, one of its facts out. */
    Document lookUp(Draw draw) {
        Passage passage = passage(draw);
        List<String> known = passage.facts().keySet().stream().sorted().toList();
        Chat chat = new Chat(draw);
        String record = draw.chance(0.5) ? passage.json(draw.shuffled(known)) : passage.lines(draw.shuffled(known));
        List<String> asked = draw.sample(known, Math.min(known.size(), draw.between(1, 3)));
        chat.user(record + "\n" + asked.getFirst() + "?").assistant(passage.fact(asked.getFirst()).plain());
        for (String slot : asked.subList(1, asked.size())) {
            chat.user(slot + "?").assistant(passage.fact(slot).plain());
        }
        return chat.document();
    }

    private Passage passage(Draw draw) {
        return Passage.draw(draw.pick(domains), values, draw);
    }

    /** Two to all of the domain's slots in random order, mostly such as the text states. */
    private static List<String> keys(Passage passage, Draw draw) {
        List<String> stated = passage.domain().slots().keySet().stream()
                .filter(slot -> passage.facts().containsKey(slot) || draw.chance(0.4)).toList();
        List<String> all = stated.size() < 2 ? List.copyOf(passage.domain().slots().keySet()) : stated;
        return draw.sample(all, draw.between(2, all.size()));
    }
}
