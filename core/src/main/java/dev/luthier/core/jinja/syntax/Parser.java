package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.syntax.Statement.Binding;
import dev.luthier.core.jinja.syntax.Statement.Branch;
import dev.luthier.core.jinja.syntax.Statement.Macro;
import dev.luthier.core.jinja.syntax.Statement.Parameter;
import dev.luthier.core.jinja.syntax.Statement.Target;
import dev.luthier.core.jinja.syntax.Token.Kind;
import dev.luthier.core.jinja.value.TemplateFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Parses a template into statements. What is not supported is refused here, with its name and line. */
public final class Parser {
    private static final Set<String> REFUSED = Set.of("extends", "block", "include", "import", "from", "autoescape",
            "do", "trans", "debug");

    private final TokenStream stream;
    private final NameUses uses = new NameUses();
    private final ExpressionParser expressions;
    private final TargetParser targets;
    /** Loops around the current statement, up to the next macro. */
    private int loops;

    private Parser(String source) {
        this.stream = new TokenStream(Lexer.tokens(source));
        this.expressions = new ExpressionParser(stream, uses);
        this.targets = new TargetParser(stream);
    }

    public static List<Statement> parse(String source) {
        Parser parser = new Parser(source);
        List<Statement> statements = parser.statements(Set.of());
        if (!parser.stream.at(Kind.END)) {
            throw parser.stream.unexpected("the end of the template");
        }
        return statements;
    }

    /** Statements up to a tag of one of these names, or the end of the template when there are none. */
    private List<Statement> statements(Set<String> endNames) {
        stream.enter();
        int first = stream.line();
        List<Statement> statements = new ArrayList<>();
        while (!stream.at(Kind.END)) {
            Token token = stream.next();
            if (token.kind() == Kind.DATA) {
                statements.add(new Statement.Text(token.text(), token.line()));
            } else if (token.kind() == Kind.PRINT_BEGIN) {
                statements.add(new Statement.Print(expressions.tuple(true, Set.of()), token.line()));
                stream.expect(Kind.PRINT_END);
            } else {
                if (stream.at(Kind.NAME) && endNames.contains(stream.current().text())) {
                    stream.leave();
                    return statements;
                }
                statements.add(statement());
                stream.expect(Kind.BLOCK_END);
            }
        }
        if (!endNames.isEmpty()) {
            throw TemplateFault.syntax("The block that starts here has no " + String.join(" or ", endNames.stream()
                    .sorted().toList()) + ".", first);
        }
        stream.leave();
        return statements;
    }

    /** The body of a block after its opening tag's content; the end tag's name is the current token afterwards. */
    private List<Statement> body(Set<String> endNames) {
        stream.skipOperator(":");
        stream.expect(Kind.BLOCK_END);
        return statements(endNames);
    }

    private List<Statement> bodyUntil(String endName) {
        List<Statement> body = body(Set.of(endName));
        stream.next();
        return body;
    }

    private Statement statement() {
        Token tag = stream.expect(Kind.NAME);
        int line = tag.line();
        return switch (tag.text()) {
            case "set" -> set(line);
            case "for" -> forLoop(line);
            case "if" -> ifElse(line);
            case "macro" -> macro(line);
            case "call" -> callBlock(line);
            case "filter" -> new Statement.FilterBlock(filterChain(), bodyUntil("endfilter"), line);
            case "with" -> with(line);
            case "print" -> new Statement.Print(expressions.expression(), line);
            case "generation" -> new Statement.Generation(separately(() -> bodyUntil("endgeneration")), line);
            case "break" -> insideLoop(new Statement.Break(line));
            case "continue" -> insideLoop(new Statement.Continue(line));
            default -> throw TemplateFault.syntax(REFUSED.contains(tag.text())
                    ? "The tag '" + tag.text() + "' is not supported in chat templates."
                    : "The tag '" + tag.text() + "' is unknown or misplaced.", line);
        };
    }

    private Statement set(int line) {
        Target target = targets.target(true);
        if (stream.skipOperator("=")) {
            return new Statement.Set(target, expressions.tuple(true, Set.of()), line);
        }
        Expression.Filter filter = stream.skipOperator("|") ? filterChain() : null;
        return new Statement.SetBlock(target, filter, bodyUntil("endset"), line);
    }

    /** {@code name(...) | name(...)}; the innermost has no input. */
    private Expression.Filter filterChain() {
        Expression.Filter filter = expressions.operands().filter(null);
        while (stream.skipOperator("|")) {
            filter = expressions.operands().filter(filter);
        }
        return filter;
    }

    private Statement forLoop(int line) {
        Target target = targets.target(false);
        if (TargetParser.names(target).contains("loop")) {
            throw TemplateFault.syntax("A loop cannot assign to 'loop'.", line);
        }
        stream.expectName("in");
        Expression iterable = expressions.tuple(false, Set.of("recursive"));
        Expression test = stream.skipName("if") ? expressions.expression() : null;
        boolean recursive = stream.skipName("recursive");
        loops++;
        List<Statement> body = body(Set.of("endfor", "else"));
        loops--;
        List<Statement> otherwise = stream.next().text().equals("else") ? bodyUntil("endfor") : List.of();
        return new Statement.For(target, iterable, test, recursive, body, otherwise, line);
    }

    private Statement ifElse(int line) {
        List<Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        String end;
        do {
            Expression test = expressions.tuple(false, Set.of());
            branches.add(new Branch(test, body(Set.of("elif", "else", "endif"))));
            end = stream.next().text();
        } while (end.equals("elif"));
        if (end.equals("else")) {
            otherwise = bodyUntil("endif");
        }
        return new Statement.If(branches, otherwise, line);
    }

    private Statement macro(int line) {
        String name = targets.name();
        return new Statement.MacroDefinition(macroBody(name, parameters(), "endmacro", line), line);
    }

    private Macro macroBody(String name, List<Parameter> parameters, String end, int line) {
        uses.begin();
        List<Statement> body = separately(() -> bodyUntil(end));
        Set<String> names = uses.end();
        return new Macro(name, parameters, body, names.contains("caller"), names.contains("kwargs"),
                names.contains("varargs"), line);
    }

    private List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        stream.expectOperator("(");
        while (!stream.current().isOperator(")")) {
            if (!parameters.isEmpty()) {
                stream.expectOperator(",");
            }
            int line = stream.line();
            String name = targets.name();
            Expression defaultValue = stream.skipOperator("=") ? expressions.expression() : null;
            boolean afterDefault = !parameters.isEmpty() && parameters.getLast().defaultValue() != null;
            if (defaultValue == null && (afterDefault || name.equals("caller"))) {
                throw TemplateFault.syntax("The parameter '" + name + "' needs a default value.", line);
            }
            parameters.add(new Parameter(name, defaultValue));
        }
        stream.expectOperator(")");
        return parameters;
    }

    private Statement callBlock(int line) {
        List<Parameter> parameters = stream.current().isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw TemplateFault.syntax("A call block needs a call.", line);
        }
        return new Statement.CallBlock(call, macroBody("", parameters, "endcall", line), line);
    }

    private Statement with(int line) {
        List<Binding> bindings = new ArrayList<>();
        while (!stream.at(Kind.BLOCK_END)) {
            if (!bindings.isEmpty()) {
                stream.expectOperator(",");
            }
            Target target = targets.target(false);
            stream.expectOperator("=");
            bindings.add(new Binding(target, expressions.expression()));
        }
        return new Statement.With(bindings, bodyUntil("endwith"), line);
    }

    /** A body that a loop around it cannot be left from. */
    private List<Statement> separately(Supplier<List<Statement>> body) {
        int around = loops;
        loops = 0;
        List<Statement> statements = body.get();
        loops = around;
        return statements;
    }

    private Statement insideLoop(Statement statement) {
        if (loops == 0) {
            throw TemplateFault.syntax("'break' and 'continue' belong inside a loop.", statement.line());
        }
        return statement;
    }
}
