package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.syntax.Token.Kind;
import dev.luthier.core.jinja.value.TemplateFault;
import java.util.List;

/** The parser's place in the tokens, and how deep it is nested. */
final class TokenStream {
    /** Deeper than people nest; shallow enough for the stack. */
    private static final int MAX_DEPTH = 100;

    private final List<Token> tokens;
    private int index;
    private int depth;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(index);
    }

    Token following() {
        return tokens.get(Math.min(index + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        index = Math.min(index + 1, tokens.size() - 1);
        return token;
    }

    int line() {
        return current().line();
    }

    boolean at(Kind kind) {
        return current().kind() == kind;
    }

    boolean skipOperator(String operator) {
        boolean is = current().isOperator(operator);
        if (is) {
            next();
        }
        return is;
    }

    boolean skipName(String name) {
        boolean is = current().isName(name);
        if (is) {
            next();
        }
        return is;
    }

    Token expect(Kind kind) {
        if (!at(kind)) {
            throw unexpected(kind.words());
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    TemplateFault unexpected(String expected) {
        return TemplateFault.syntax("Expected " + expected + ", found " + current().describe() + ".", line());
    }

    void enter() {
        depth++;
        if (depth > MAX_DEPTH) {
            throw TemplateFault.syntax("The template nests deeper than " + MAX_DEPTH + " levels.", line());
        }
    }

    void leave() {
        depth--;
    }
}
