package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.filter.Filters;
import dev.luthier.core.jinja.filter.Tests;
import dev.luthier.core.jinja.syntax.Expression.CallArguments;
import dev.luthier.core.jinja.syntax.Expression.Constant;
import dev.luthier.core.jinja.syntax.Expression.Named;
import dev.luthier.core.jinja.syntax.Expression.Pair;
import dev.luthier.core.jinja.syntax.Token.Kind;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Value.Bool;
import dev.luthier.core.jinja.value.Value.Int;
import dev.luthier.core.jinja.value.Value.None;
import dev.luthier.core.jinja.value.Value.Real;
import dev.luthier.core.jinja.value.Value.Str;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses operands: literals, names, calls, subscripts, filters and tests. */
final class OperandParser {
    private static final Set<Kind> ARGUMENT_STARTS = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);

    private final TokenStream stream;
    private final NameUses uses;
    private final ExpressionParser expressions;

    OperandParser(TokenStream stream, NameUses uses, ExpressionParser expressions) {
        this.stream = stream;
        this.uses = uses;
        this.expressions = expressions;
    }

    /** A sign binds tighter than a filter after it, looser than a subscript. */
    Expression signed(boolean filters) {
        int line = stream.line();
        Expression operand;
        if (stream.current().isOperator("-") || stream.current().isOperator("+")) {
            stream.enter();
            boolean negative = stream.next().text().equals("-");
            operand = new Expression.Sign(negative, signed(false), line);
            stream.leave();
        } else {
            operand = primary();
        }
        operand = postfix(operand);
        return filters ? filtersAndTests(operand) : operand;
    }

    private Expression primary() {
        Token token = stream.current();
        return switch (token.kind()) {
            case NAME -> name(stream.next());
            case STRING -> string();
            case INTEGER -> new Constant(new Int(integer(stream.next().text())), token.line());
            case FLOAT -> new Constant(new Real(Double.parseDouble(stream.next().text().replace("_", ""))),
                    token.line());
            case OPERATOR -> bracketed(token);
            case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> throw stream.unexpected("an expression");
        };
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Constant(Bool.TRUE, token.line());
            case "false", "False" -> new Constant(Bool.FALSE, token.line());
            case "none", "None" -> new Constant(None.NONE, token.line());
            default -> {
                uses.read(token.text());
                yield new Expression.Name(token.text(), token.line());
            }
        };
    }

    private Expression string() {
        int line = stream.line();
        StringBuilder text = new StringBuilder();
        while (stream.at(Kind.STRING)) {
            text.append(stream.next().text());
        }
        return new Constant(new Str(text.toString()), line);
    }

    private static BigInteger integer(String source) {
        String digits = source.replace("_", "");
        int radix = switch (digits.length() > 2 ? digits.charAt(1) : ' ') {
            case 'b', 'B' -> 2;
            case 'o', 'O' -> 8;
            case 'x', 'X' -> 16;
            default -> 10;
        };
        return new BigInteger(radix == 10 ? digits : digits.substring(2), radix);
    }

    private Expression bracketed(Token token) {
        stream.enter();
        Expression value = switch (token.text()) {
            case "(" -> parenthesized();
            case "[" -> new Expression.ListLiteral(listItems(), token.line());
            case "{" -> new Expression.DictLiteral(pairs(), token.line());
            default -> throw stream.unexpected("an expression");
        };
        stream.leave();
        return value;
    }

    private Expression parenthesized() {
        int line = stream.next().line();
        if (stream.skipOperator(")")) {
            return new Expression.TupleLiteral(List.of(), line);
        }
        Expression inner = expressions.tuple(true, Set.of());
        stream.expectOperator(")");
        return inner;
    }

    private List<Expression> listItems() {
        stream.next();
        List<Expression> items = new ArrayList<>();
        while (!stream.current().isOperator("]")) {
            items.add(expressions.expression());
            if (!stream.skipOperator(",")) {
                break;
            }
        }
        stream.expectOperator("]");
        return items;
    }

    private List<Pair> pairs() {
        stream.next();
        List<Pair> pairs = new ArrayList<>();
        while (!stream.current().isOperator("}")) {
            Expression key = expressions.expression();
            stream.expectOperator(":");
            pairs.add(new Pair(key, expressions.expression()));
            if (!stream.skipOperator(",")) {
                break;
            }
        }
        stream.expectOperator("}");
        return pairs;
    }

    private Expression postfix(Expression start) {
        Expression operand = start;
        while (true) {
            if (stream.current().isOperator(".")) {
                operand = dotted(operand);
            } else if (stream.current().isOperator("[")) {
                operand = subscript(operand);
            } else if (stream.current().isOperator("(")) {
                int line = stream.line();
                operand = new Expression.Call(operand, arguments(), line);
            } else {
                return operand;
            }
        }
    }

    private Expression dotted(Expression target) {
        int line = stream.next().line();
        Token name = stream.next();
        return switch (name.kind()) {
            case NAME -> new Expression.Attribute(target, name.text(), line);
            case INTEGER -> new Expression.Item(target, new Constant(new Int(integer(name.text())), line), line);
            default -> throw TemplateFault.syntax("Expected a name or number after '.', found " + name.describe() + ".",
                    name.line());
        };
    }

    private Expression subscript(Expression target) {
        int line = stream.next().line();
        Expression start = stream.current().isOperator(":") ? null : expressions.expression();
        if (start != null && stream.current().isOperator(",")) {
            List<Expression> indexes = new ArrayList<>(List.of(start));
            while (stream.skipOperator(",")) {
                indexes.add(expressions.expression());
            }
            stream.expectOperator("]");
            return new Expression.Item(target, new Expression.TupleLiteral(indexes, line), line);
        }
        if (start != null && stream.skipOperator("]")) {
            return new Expression.Item(target, start, line);
        }
        stream.expectOperator(":");
        Expression stop = sliceBound();
        Expression step = stream.skipOperator(":") ? sliceBound() : null;
        stream.expectOperator("]");
        return new Expression.Slice(target, start, stop, step, line);
    }

    private @Nullable Expression sliceBound() {
        return stream.current().isOperator(":") || stream.current().isOperator("]") ? null : expressions.expression();
    }

    CallArguments arguments() {
        stream.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<Named> named = new ArrayList<>();
        Expression list = null;
        Expression mapping = null;
        while (!stream.current().isOperator(")")) {
            if (stream.current().isOperator("*")) {
                refuseIf(list != null || mapping != null);
                stream.next();
                list = expressions.expression();
            } else if (stream.current().isOperator("**")) {
                refuseIf(mapping != null);
                stream.next();
                mapping = expressions.expression();
            } else if (stream.at(Kind.NAME) && stream.following().isOperator("=")) {
                refuseIf(mapping != null);
                String name = stream.next().text();
                stream.next();
                refuseIf(named.stream().anyMatch(earlier -> earlier.name().equals(name)));
                named.add(new Named(name, expressions.expression()));
            } else {
                refuseIf(list != null || mapping != null || !named.isEmpty());
                positional.add(expressions.expression());
            }
            if (!stream.skipOperator(",")) {
                break;
            }
        }
        stream.expectOperator(")");
        return new CallArguments(positional, named, list, mapping);
    }

    private void refuseIf(boolean misplaced) {
        if (misplaced) {
            throw TemplateFault.syntax("The arguments of the call are in no valid order.", stream.line());
        }
    }

    private Expression filtersAndTests(Expression start) {
        Expression operand = start;
        while (true) {
            if (stream.current().isOperator("|")) {
                stream.next();
                operand = filter(operand);
            } else if (stream.current().isName("is")) {
                operand = test(operand);
            } else if (stream.current().isOperator("(")) {
                int line = stream.line();
                operand = new Expression.Call(operand, arguments(), line);
            } else {
                return operand;
            }
        }
    }

    /** A filter's name and arguments; the bar before it is read already. */
    Expression.Filter filter(@Nullable Expression input) {
        Token name = stream.expect(Kind.NAME);
        if (!Filters.isKnown(name.text())) {
            throw TemplateFault.syntax("The filter '" + name.text() + "' is not supported.", name.line());
        }
        CallArguments arguments = stream.current().isOperator("(") ? arguments() : CallArguments.NONE;
        return new Expression.Filter(input, name.text(), arguments, name.line());
    }

    private Expression test(Expression input) {
        int line = stream.next().line();
        boolean negated = stream.skipName("not");
        Token name = stream.expect(Kind.NAME);
        if (!Tests.isKnown(name.text())) {
            throw TemplateFault.syntax("The test '" + name.text() + "' is not supported.", name.line());
        }
        Expression test = new Expression.Test(input, name.text(), testArguments(), line);
        return negated ? new Expression.Not(test, line) : test;
    }

    private CallArguments testArguments() {
        Token token = stream.current();
        if (token.isOperator("(")) {
            return arguments();
        }
        boolean starts = ARGUMENT_STARTS.contains(token.kind()) || token.isOperator("[") || token.isOperator("{");
        if (!starts || token.isName("else") || token.isName("or") || token.isName("and")) {
            return CallArguments.NONE;
        }
        if (token.isName("is")) {
            throw TemplateFault.syntax("Tests with 'is' cannot be chained.", token.line());
        }
        return new CallArguments(List.of(postfix(primary())), List.of(), null, null);
    }
}
