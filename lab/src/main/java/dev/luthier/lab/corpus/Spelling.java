package dev.luthier.lab.corpus;

import java.util.List;

/** Numbers and clock times as people say them. */
final class Spelling {
    private static final List<String> SMALL = List.of("zero", "one", "two", "three", "four", "five", "six", "seven",
            "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
            "eighteen", "nineteen");
    private static final List<String> TENS = List.of("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy",
            "eighty", "ninety");

    private Spelling() {}

    /** English words of 0 to 9999, without hyphens: "two hundred and thirty five". */
    static String words(int number) {
        if (number < 0 || number > 9999) {
            throw new IllegalArgumentException(number + " is outside 0 to 9999");
        }
        if (number < 20) {
            return SMALL.get(number);
        }
        if (number < 100) {
            return TENS.get(number / 10) + (number % 10 == 0 ? "" : " " + SMALL.get(number % 10));
        }
        int unit = number < 1000 ? 100 : 1000;
        String head = words(number / unit) + (unit == 100 ? " hundred" : " thousand");
        int rest = number % unit;
        return rest == 0 ? head : head + (rest < 100 ? " and " : " ") + words(rest);
    }

    /** "21:05". */
    static String clock(int hour, int minute) {
        return "%02d:%02d".formatted(hour, minute);
    }

    /** One of the ways to say a time; {@code hour} 0 to 23, {@code minute} a multiple of 5. */
    static String spokenClock(int hour, int minute, Draw draw) {
        if (minute == 0 && (hour == 12 || hour == 0) && draw.chance(0.7)) {
            return hour == 12 ? "noon" : "midnight";
        }
        int twelve = hour % 12 == 0 ? 12 : hour % 12;
        String half = hour < 12 ? "am" : "pm";
        if (draw.chance(0.2)) {
            return clock(hour, minute);
        }
        if (draw.chance(0.5)) {
            return twelve + (minute == 0 ? "" : ":%02d".formatted(minute)) + draw.pick(" ", " ", "") + half;
        }
        String part = hour < 5
                ? "at night"
                : hour < 12
                        ? "in the morning"
                        : hour < 18 ? "in the afternoon" : hour < 22 ? "in the evening" : "at night";
        return wordsOfClock(twelve, minute, draw) + " " + (draw.chance(0.7) ? part : half);
    }

    private static String wordsOfClock(int twelve, int minute, Draw draw) {
        String name = draw.chance(0.7) ? words(twelve) : Integer.toString(twelve);
        int next = twelve % 12 + 1;
        return switch (minute) {
            case 0 -> draw.chance(0.5) ? name + " o'clock" : name;
            case 15 -> "quarter past " + name;
            case 30 -> "half past " + name;
            case 45 -> "quarter to " + words(next);
            default -> words(twelve) + " " + (minute < 10 ? "oh " : "") + words(minute);
        };
    }
}
