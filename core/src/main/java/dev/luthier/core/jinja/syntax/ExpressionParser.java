package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.syntax.Expression.Arithmetic;
import dev.luthier.core.jinja.syntax.Expression.Comparand;
import dev.luthier.core.jinja.syntax.Expression.Conditional;
import dev.luthier.core.jinja.syntax.Token.Kind;
import dev.luthier.core.jinja.value.Operator;
import dev.luthier.core.jinja.value.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses operators, from the loosest binding to the tightest, in Jinja's order (which is not quite Python's). */
final class ExpressionParser {
    private static final Map<String, Relation> RELATIONS = Map.of("==", Relation.EQUAL, "!=", Relation.NOT_EQUAL, "<",
            Relation.LESS, "<=", Relation.LESS_OR_EQUAL, ">", Relation.GREATER, ">=", Relation.GREATER_OR_EQUAL);
    private static final Map<String, Operator> SUMS = Map.of("+", Operator.ADD, "-", Operator.SUBTRACT);
    private static final Map<String, Operator> PRODUCTS = Map.of("*", Operator.MULTIPLY, "/", Operator.DIVIDE, "//",
            Operator.FLOOR_DIVIDE, "%", Operator.MODULO);

    private final TokenStream stream;
    private final OperandParser operands;

    ExpressionParser(TokenStream stream, NameUses uses) {
        this.stream = stream;
        this.operands = new OperandParser(stream, uses, this);
    }

    OperandParser operands() {
        return operands;
    }

    /** One expression, a conditional one included. */
    Expression expression() {
        stream.enter();
        Expression value = or();
        while (stream.current().isName("if")) {
            int line = stream.next().line();
            Expression test = or();
            Expression otherwise = stream.skipName("else") ? expression() : null;
            value = new Conditional(test, value, otherwise, line);
        }
        stream.leave();
        return value;
    }

    /** One expression without {@code if}, or several with commas as a tuple. Ends before any of the names. */
    Expression tuple(boolean conditional, Set<String> endNames) {
        List<Expression> items = new ArrayList<>();
        int line = stream.line();
        boolean comma = false;
        while (!isTupleEnd(endNames)) {
            items.add(conditional ? expression() : or());
            if (!stream.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        if (!comma && items.isEmpty()) {
            throw stream.unexpected("an expression");
        }
        return comma ? new Expression.TupleLiteral(items, line) : items.getFirst();
    }

    private boolean isTupleEnd(Set<String> endNames) {
        Token token = stream.current();
        return token.kind() == Kind.PRINT_END || token.kind() == Kind.BLOCK_END || token.isOperator(")")
                || (token.kind() == Kind.NAME && endNames.contains(token.text()));
    }

    Expression or() {
        Expression left = and();
        while (stream.current().isName("or")) {
            int line = stream.next().line();
            left = new Expression.Or(left, and(), line);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (stream.current().isName("and")) {
            int line = stream.next().line();
            left = new Expression.And(left, not(), line);
        }
        return left;
    }

    private Expression not() {
        if (!stream.current().isName("not")) {
            return chain();
        }
        stream.enter();
        int line = stream.next().line();
        Expression negated = new Expression.Not(not(), line);
        stream.leave();
        return negated;
    }

    private Expression chain() {
        int line = stream.line();
        Expression first = sum();
        List<Comparand> rest = new ArrayList<>();
        for (Relation relation = relation(); relation != null; relation = relation()) {
            rest.add(new Comparand(relation, sum()));
        }
        return rest.isEmpty() ? first : new Expression.Chain(first, rest, line);
    }

    private @Nullable Relation relation() {
        Token token = stream.current();
        if (token.kind() == Kind.OPERATOR && RELATIONS.containsKey(token.text())) {
            stream.next();
            return RELATIONS.get(token.text());
        }
        if (stream.skipName("in")) {
            return Relation.IN;
        }
        if (token.isName("not") && stream.following().isName("in")) {
            stream.next();
            stream.next();
            return Relation.NOT_IN;
        }
        return null;
    }

    private Expression sum() {
        Expression left = concatenation();
        for (Operator operator = operator(SUMS); operator != null; operator = operator(SUMS)) {
            int line = stream.next().line();
            left = new Arithmetic(operator, left, concatenation(), line);
        }
        return left;
    }

    private Expression concatenation() {
        int line = stream.line();
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (stream.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concatenation(parts, line);
    }

    private Expression product() {
        Expression left = power();
        for (Operator operator = operator(PRODUCTS); operator != null; operator = operator(PRODUCTS)) {
            int line = stream.next().line();
            left = new Arithmetic(operator, left, power(), line);
        }
        return left;
    }

    private Expression power() {
        Expression left = operands.signed(true);
        while (stream.current().isOperator("**")) {
            int line = stream.next().line();
            left = new Arithmetic(Operator.POWER, left, operands.signed(true), line);
        }
        return left;
    }

    private @Nullable Operator operator(Map<String, Operator> operators) {
        return stream.at(Kind.OPERATOR) ? operators.get(stream.current().text()) : null;
    }
}
