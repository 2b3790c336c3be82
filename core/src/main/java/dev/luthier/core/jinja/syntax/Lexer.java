package dev.luthier.core.jinja.syntax;

import dev.luthier.core.jinja.syntax.Token.Kind;
import dev.luthier.core.jinja.value.PythonText;
import dev.luthier.core.jinja.value.TemplateFault;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens as Jinja 3.1 does with {@code trim_blocks} and {@code lstrip_blocks} on and
 * {@code keep_trailing_newline} off: the settings of Hugging Face chat templates.
 */
final class Lexer {
    private static final Pattern RAW_BEGIN = pattern("\\{%([-+]?)S*rawS*(?:-%}S*|%})");
    private static final Pattern RAW_END = pattern("\\{%([-+]?)S*endrawS*(?:\\+%}|-%}S*|%}\\n?)");
    private static final Pattern COMMENT_END = pattern("\\+#}|-#}S*|#}\\n?");
    private static final Pattern BLOCK_END = pattern("\\+%}|-%}S*|%}\\n?");
    private static final Pattern PRINT_END = pattern("-}}S*|}}");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int line = 1;
    /** Whether the text before the position ends a line, or is empty. */
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
    }

    /** A pattern in which S stands for one white space character. */
    private static Pattern pattern(String expression) {
        return Pattern.compile(expression.replace("S", PythonText.SPACE));
    }

    /** All tokens; the last one is {@link Kind#END}. */
    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (position < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                data(source.substring(position));
                position = source.length();
            } else {
                tag(tag);
            }
        }
        tokens.add(new Token(Kind.END, "", line));
    }

    private int nextTag() {
        for (int i = source.indexOf('{', position); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char second = source.charAt(i + 1);
            if (second == '{' || second == '%' || second == '#') {
                return i;
            }
        }
        return -1;
    }

    private void tag(int start) {
        char second = source.charAt(start + 1);
        char sign = start + 2 < source.length() ? source.charAt(start + 2) : ' ';
        boolean signed = sign == '-' || sign == '+';
        String before = source.substring(position, start);
        Matcher raw = matcher(RAW_BEGIN, start);
        data(stripped(before, signed ? sign : ' ', second == '{'));
        line += newlines(before);
        position = start + (signed ? 3 : 2);
        if (second == '%' && raw.lookingAt()) {
            advance(raw.end(), start);
            rawBlock();
        } else {
            switch (second) {
                case '#' -> comment();
                case '%' -> code(Kind.BLOCK_BEGIN, Kind.BLOCK_END, BLOCK_END);
                default -> code(Kind.PRINT_BEGIN, Kind.PRINT_END, PRINT_END);
            }
        }
    }

    /** The text before a tag, without what the tag's sign or {@code lstrip_blocks} takes away. */
    private String stripped(String text, char sign, boolean print) {
        if (sign == '-') {
            return PythonText.stripEnd(text);
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean strips = sign != '+' && !print && (lineStart > 0 || lineStarting);
        return strips && PythonText.isBlank(text, lineStart) ? text.substring(0, lineStart) : text;
    }

    private void rawBlock() {
        Matcher end = matcher(RAW_END, position);
        if (!end.find()) {
            throw TemplateFault.syntax("The raw block has no endraw.", line);
        }
        String body = source.substring(position, end.start());
        String sign = end.group(1);
        data(stripped(body, sign.isEmpty() ? ' ' : sign.charAt(0), false));
        advance(end.end(), position);
    }

    private void comment() {
        Matcher end = matcher(COMMENT_END, position);
        if (!end.find()) {
            throw TemplateFault.syntax("The comment has no end '#}'.", line);
        }
        advance(end.end(), position);
    }

    private void code(Kind begin, Kind end, Pattern endPattern) {
        tokens.add(new Token(begin, "", line));
        TagLexer inner = new TagLexer(source, position, line, endPattern, tokens);
        int after = inner.run();
        tokens.add(new Token(end, "", inner.line()));
        line = inner.line();
        advance(after, inner.position());
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Kind.DATA, text, line));
        }
    }

    private void advance(int to, int from) {
        line += newlines(source.substring(from, to));
        lineStarting = to > 0 && source.charAt(to - 1) == '\n';
        position = to;
    }

    private Matcher matcher(Pattern pattern, int from) {
        return pattern.matcher(source).region(from, source.length()).useAnchoringBounds(false);
    }

    private static int newlines(String text) {
        return (int) text.chars().filter(c -> c == '\n').count();
    }
}
