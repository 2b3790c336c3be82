package dev.luthier.core.jinja;

import dev.luthier.core.jinja.run.Evaluator;
import dev.luthier.core.jinja.run.Executor;
import dev.luthier.core.jinja.run.Globals;
import dev.luthier.core.jinja.run.Rendering;
import dev.luthier.core.jinja.run.Scope;
import dev.luthier.core.jinja.syntax.Parser;
import dev.luthier.core.jinja.syntax.Statement;
import dev.luthier.core.jinja.value.Budget;
import dev.luthier.core.jinja.value.Limits;
import dev.luthier.core.jinja.value.TemplateFault;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A compiled template. Immutable; any number of threads may render it at once.
 *
 * <p>It behaves as Jinja 3.1 in the environment that Hugging Face transformers sets up for chat templates: immutable
 * sandbox, {@code trim_blocks}, {@code lstrip_blocks}, loop controls, {@code generation} blocks, its {@code tojson}.
 */
public final class JinjaTemplate {
    private final List<Statement> statements;

    private JinjaTemplate(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Compiles a template.
     *
     * @throws ProblemException USER {@code invalid_chat_template} with the line, when the source is not valid Jinja or
     *     uses what is not supported
     */
    public static JinjaTemplate compile(String source) {
        try {
            return new JinjaTemplate(List.copyOf(Parser.parse(source)));
        } catch (TemplateFault fault) {
            throw problem("invalid_chat_template", fault);
        } catch (StackOverflowError overflow) {
            throw problem("invalid_chat_template", tooDeep(overflow));
        }
    }

    /**
     * Renders with these variables.
     *
     * @param now local date and time that {@code strftime_now} tells
     * @throws ProblemException USER: {@code chat_template_refusal} with the template's words when it calls
     *     {@code raise_exception}; {@code chat_template_failure} for every other fault, exceeded limits included
     */
    public Rendering render(Map<String, Value> variables, Supplier<LocalDateTime> now, Limits limits) {
        Budget budget = new Budget(limits);
        Executor executor = new Executor(new Evaluator(budget, Globals.of(now, budget)));
        try {
            return executor.render(statements, Scope.of(variables));
        } catch (TemplateFault fault) {
            throw problem(fault.why() == TemplateFault.Cause.RAISED ? "chat_template_refusal" : "chat_template_failure",
                    fault);
        } catch (StackOverflowError overflow) {
            throw problem("chat_template_failure", tooDeep(overflow));
        }
    }

    /** The bounds on nesting fit the stacks of this program's threads; a caller's thread may have a smaller one. */
    private static TemplateFault tooDeep(StackOverflowError overflow) {
        return TemplateFault.limit("The template nests too deep for the stack of the thread.", overflow);
    }

    private static ProblemException problem(String code, TemplateFault fault) {
        String where = fault.line() > 0 ? "line " + fault.line() : "unknown line";
        String message = fault.why() == TemplateFault.Cause.RAISED
                ? fault.message() + " (raised by the chat template, " + where + ")"
                : "Chat template, " + where + ": " + fault.message();
        return new ProblemException(Problem.user(code, message), fault);
    }
}
