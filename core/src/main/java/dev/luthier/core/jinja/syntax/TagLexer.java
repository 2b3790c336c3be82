package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.syntax.Token.Kind;
import dev.luthier.core.jinja.value.PythonText;
import dev.luthier.core.jinja.value.TemplateFault;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts the code between {@code {{ }}} or {@code {% %}} into tokens. */
final class TagLexer {
    private static final Pattern SPACE = Pattern.compile(PythonText.SPACE + "+");
    private static final Pattern FLOAT = Pattern
            .compile("(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER = Pattern
            .compile("0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");
    private static final Pattern NAME = Pattern.compile("[\\w\\u00b7]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern OPERATOR = Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]");

    private final String source;
    private final Pattern end;
    private final List<Token> tokens;
    private final Deque<String> open = new ArrayDeque<>();
    private int position;
    private int line;

    TagLexer(String source, int position, int line, Pattern end, List<Token> tokens) {
        this.source = source;
        this.position = position;
        this.line = line;
        this.end = end;
        this.tokens = tokens;
    }

    /** Reads up to the tag's end; returns the position after it. {@link #position} is then where the end starts. */
    int run() {
        while (position < source.length()) {
            Matcher tagEnd = at(end);
            if (open.isEmpty() && tagEnd.lookingAt()) {
                return tagEnd.end();
            }
            next();
        }
        throw TemplateFault.syntax("The tag is not closed.", line);
    }

    int position() {
        return position;
    }

    int line() {
        return line;
    }

    private void next() {
        if (skip(at(SPACE)) || token(Kind.FLOAT, at(FLOAT)) || token(Kind.INTEGER, at(INTEGER))
                || token(Kind.NAME, at(NAME)) || string()) {
            return;
        }
        Matcher operator = at(OPERATOR);
        if (!operator.lookingAt()) {
            throw TemplateFault.syntax("The character '" + Character.toString(source.codePointAt(position))
                    + "' is not expected here.", line);
        }
        balance(operator.group());
        token(Kind.OPERATOR, operator);
    }

    private boolean skip(Matcher matcher) {
        if (!matcher.lookingAt()) {
            return false;
        }
        advance(matcher);
        return true;
    }

    private boolean token(Kind kind, Matcher matcher) {
        if (!matcher.lookingAt()) {
            return false;
        }
        String text = matcher.group();
        if (kind == Kind.NAME && !Character.isUnicodeIdentifierStart(text.codePointAt(0)) && text.charAt(0) != '_') {
            throw TemplateFault.syntax("'" + text + "' is not a valid name.", line);
        }
        tokens.add(new Token(kind, text, line));
        advance(matcher);
        return true;
    }

    private boolean string() {
        char quote = source.charAt(position);
        if (quote != '\'' && quote != '"') {
            return false;
        }
        int close = position + 1;
        while (close < source.length() && source.charAt(close) != quote) {
            close += source.charAt(close) == '\\' ? 2 : 1;
        }
        if (close >= source.length()) {
            throw TemplateFault.syntax("The string is not closed.", line);
        }
        String body = source.substring(position + 1, close);
        tokens.add(new Token(Kind.STRING, PythonText.unescape(body, line), line));
        line += newlines(body);
        position = close + 1;
        return true;
    }

    private void balance(String operator) {
        switch (operator) {
            case "{" -> open.push("}");
            case "(" -> open.push(")");
            case "[" -> open.push("]");
            case "}", ")", "]" -> {
                if (open.isEmpty() || !open.pop().equals(operator)) {
                    throw TemplateFault.syntax("'" + operator + "' closes nothing.", line);
                }
            }
            default -> {
                // other operators do not nest
            }
        }
    }

    private void advance(Matcher matcher) {
        line += newlines(matcher.group());
        position = matcher.end();
    }

    private static int newlines(String text) {
        return (int) text.chars().filter(c -> c == '\n').count();
    }

    private Matcher at(Pattern pattern) {
        return pattern.matcher(source).region(position, source.length()).useTransparentBounds(true)
                .useAnchoringBounds(false);
    }
}
