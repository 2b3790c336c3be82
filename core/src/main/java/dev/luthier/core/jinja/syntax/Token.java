package dev.luthier.core.jinja.syntax;

/**
 * A piece of a template.
 *
 * @param text of data and strings the value (escapes resolved), of everything else the source
 * @param line where it starts, from 1
 */
public record Token(Kind kind, String text, int line) {

    /** What a token is. */
    enum Kind {
        DATA("template data"), PRINT_BEGIN("{{"), PRINT_END("}}"), BLOCK_BEGIN("{%"), BLOCK_END("%}"), NAME("a name"),
        STRING("a string"), INTEGER("a number"), FLOAT("a number"), OPERATOR("an operator"), END("the end");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For messages. */
        String words() {
            return words;
        }
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    /** For messages. */
    String describe() {
        return switch (kind) {
            case NAME, OPERATOR, INTEGER, FLOAT -> "'" + text + "'";
            case STRING -> "a string";
            case DATA -> "template data";
            case PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END -> "'" + kind.words() + "'";
            case END -> "the end of the template";
        };
    }
}
