package dev.luthier.lab.corpus;

import java.util.List;
import java.util.stream.Stream;

/** Short chats: spelled numbers and times, kinds of words, comparing and sorting, and small talk. */
final class SmallTasks {
    private static final List<String> KINDS = List.of("animal", "fruit", "vegetable", "colour", "item", "room", "job",
            "building", "weather", "sport", "instrument", "plant", "month", "day", "language", "vehicle", "material");
    private static final List<List<String>> TALK = List.of(List.of("Hello", "Hello! How can I help?"),
            List.of("Hi there", "Hello! How can I help?"), List.of("Thank you", "You are welcome."),
            List.of("Thanks, that was great", "You are welcome."), List.of("How are you?", "I am well, thank you."),
            List.of("Good morning", "Good morning! What can I do for you?"),
            List.of("Who are you?", "I am a small language model."),
            List.of("Goodbye", "Goodbye, and have a nice day."));

    private final Lexicon lexicon;

    SmallTasks(Lexicon lexicon) {
        this.lexicon = lexicon;
    }

    /** Number words to digits and back, several turns. */
    Document numbers(Draw draw) {
        Chat chat = new Chat(draw);
        boolean toDigits = draw.chance(0.75);
        chat.system(toDigits ? "Write numbers in digits." : "Write numbers in words.");
        for (int turn = draw.between(1, 4); turn > 0; turn--) {
            int number = draw.between(0, draw.pick(20, 99, 99, 99, 300));
            String digits = Integer.toString(number);
            chat.user(toDigits ? Spelling.words(number) : digits).assistant(toDigits ? digits : Spelling.words(number));
        }
        return chat.document();
    }

    /** Spoken times on the 24-hour clock. */
    Document clocks(Draw draw) {
        Chat chat = new Chat(draw).system(draw.pick("24-hour clock", "Write the hour as HH:MM."));
        for (int turn = draw.between(1, 4); turn > 0; turn--) {
            Value clock = Values.clock(draw);
            chat.user(clock.said().substring("at ".length())).assistant(clock.plain());
        }
        return chat.document();
    }

    /** Which of the named kinds a word is. */
    Document kinds(Draw draw) {
        List<String> kinds = draw.sample(KINDS, draw.between(2, 4));
        Chat chat = new Chat(draw).system("Choose: " + String.join(", ", kinds));
        for (int turn = draw.between(1, 4); turn > 0; turn--) {
            String kind = draw.pick(kinds);
            String word = draw.pick(lexicon.words(kind));
            boolean elsewhere = kinds.stream().anyMatch(k -> !k.equals(kind) && lexicon.words(k).contains(word));
            chat.user(word)
                    .assistant(elsewhere
                            ? kinds.stream().filter(k -> lexicon.words(k).contains(word)).findFirst()
                                    .orElse(kind)
                            : kind);
        }
        return chat.document();
    }

    /** The words of one kind out of a mixed list, in their order. */
    Document filter(Draw draw) {
        List<String> kinds = draw.sample(KINDS, 2);
        List<String> wanted = lexicon.words(kinds.getFirst());
        List<String> others = lexicon.words(kinds.get(1)).stream().filter(w -> !wanted.contains(w)).toList();
        List<String> right = draw.sample(wanted, draw.between(1, 3));
        List<String> mixed = draw.shuffled(
                Stream.concat(right.stream(), draw.sample(others, draw.between(1, 4)).stream())
                        .toList());
        return new Chat(draw).user("Which are of the kind " + kinds.getFirst() + ": " + String.join(", ", mixed) + "?")
                .assistant(String.join(", ", mixed.stream().filter(right::contains).toList())).document();
    }

    /** Numbers in rising order, or the largest one. */
    Document order(Draw draw) {
        List<Integer> numbers = Stream.generate(() -> draw.between(0, 99)).limit(draw.between(2, 4))
                .toList();
        String list = String.join(", ", numbers.stream().map(String::valueOf).toList());
        return draw.chance(0.5)
                ? new Chat(draw).user("Sort: " + list)
                        .assistant(String.join(", ", numbers.stream().sorted().map(String::valueOf).toList()))
                        .document()
                : new Chat(draw).user("Largest of " + list + "?")
                        .assistant(String.valueOf(numbers.stream().max(Integer::compare).orElseThrow())).document();
    }

    Document talk(Draw draw) {
        Chat chat = new Chat(draw);
        for (List<String> turn : draw.sample(TALK, draw.between(1, 3))) {
            chat.user(turn.getFirst()).assistant(turn.get(1));
        }
        return chat.document();
    }
}
