package dev.luthier.engine.options;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a program, read from the first to the last: {@link #next} gives an option or an operand, and the other
 * methods its value. What is wrong is a {@link ProblemException} of code {@value #USAGE}, whose message names the option,
 * says what it takes, and ends with the program's usage. Not thread-safe.
 */
public final class Options {
    private static final String USAGE = "usage";

    private final String usage;
    private final String[] arguments;
    private final Set<String> given = new HashSet<>();
    private int position;
    private String option = "";

    /** @param usage {@code usage: luthier ...} */
    public Options(String usage, String... arguments) {
        this.usage = usage;
        this.arguments = arguments.clone();
    }

    /** The next option or operand; null after the last. An option that was there before is refused. */
    public @Nullable String next() {
        if (position == arguments.length) {
            return null;
        }
        option = arguments[position++];
        if (option.startsWith("-") && !given.add(option)) {
            throw refuse(option + " is given twice");
        }
        return option;
    }

    /** The value of the option that came last, whatever it is. */
    public String text() {
        if (position == arguments.length) {
            throw refuse(option + " needs a value");
        }
        return arguments[position++];
    }

    public Path path() {
        return path(option, text());
    }

    /** @param name of the operand or option, for messages */
    public Path path(String name, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw refuse(name + " must be a path, not " + text);
        }
    }

    /** A whole number of at least 1. */
    public long number(long most) {
        String text = text();
        long number = text.matches("[1-9][0-9]{0,17}") ? Long.parseLong(text) : 0;
        if (number < 1 || number > most) {
            throw refuse(option + " must be a whole number of at least 1"
                    + (most < Integer.MAX_VALUE ? " and at most " + most : "") + ", not " + text);
        }
        return number;
    }

    /** A whole number of at least 1. */
    public int integer(int most) {
        return (int) number(most);
    }

    /** One of an enum's constants, by the name that people write. */
    public <T extends Enum<T>> T choice(Class<T> type, Function<T, String> label) {
        return choice(Arrays.asList(type.getEnumConstants()), label);
    }

    /** One of several values, by the name that people write. */
    public <T> T choice(List<T> choices, Function<T, String> label) {
        String text = text();
        Optional<T> chosen = choices.stream().filter(one -> label.apply(one).equals(text)).findFirst();
        return chosen.orElseThrow(() -> refuse(option + " must be one of "
                + String.join(", ", choices.stream().map(label).toList()) + ", not " + text));
    }

    /** The value of an option that must be there. */
    public <T> T required(String name, @Nullable T value) {
        if (value == null) {
            throw refuse(name + " is missing");
        }
        return value;
    }

    /** Refuses further arguments. */
    public void end() {
        if (next() != null) {
            throw unknown();
        }
    }

    /** The argument that came last is not known. */
    public ProblemException unknown() {
        return refuse("unknown argument " + option);
    }

    /** @param what is wrong, without a full stop */
    public ProblemException refuse(String what) {
        return Problem.user(USAGE, what + ". " + usage).asException();
    }

    /** Says on standard error why a program ends. */
    public static void report(ProblemException why) {
        System.err.println("luthier: " + why.getMessage());
    }

    /** The exit status of a program that ends so: 2 after bad usage, else 1. */
    public static int status(ProblemException why) {
        return why.problem().code().equals(USAGE) ? 2 : 1;
    }
}
