package dev.luthier.core.chat;

import dev.luthier.core.chat.TrainingText.Span;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

/**
 * Finds what assistant messages contributed to a rendering when the template does not mark it.
 *
 * <p>For each message the conversation up to it is rendered (see {@link Turn}); what follows the generation prompt
 * there is the message's part. If the whole rendering starts with that text, this is proof that the part lies there.
 * Templates that render a message differently once others follow (they strip thoughts, or move the tools to the last
 * question) take a second way: a marker is put into the message, and where it comes out shows where the message is;
 * the text around it must be the same as in the short rendering. Where neither proves the place, the message is
 * refused: a wrong mask would spoil the training silently.
 */
final class PrefixSpans {
    /** Private-use characters keep it apart from every real text. */
    static final String MARK = "\uE0B1Q7zK\uE0B2";

    /** What must be equal before a moved part, at least: about the end of the message before it. */
    private static final int SAME_BEFORE = 8;

    private final ChatTemplate template;
    private final Conversation conversation;
    private final Map<String, JsonNode> variables;
    private final String text;

    PrefixSpans(ChatTemplate template, Conversation conversation, Map<String, JsonNode> variables, String text) {
        this.template = template;
        this.conversation = conversation;
        this.variables = variables;
        this.text = text;
    }

    List<Span> find() {
        List<Span> spans = new ArrayList<>();
        int end = 0;
        for (int i = 0; i < conversation.messages().size(); i++) {
            if (conversation.messages().get(i).role() == Role.ASSISTANT) {
                Span span = find(i);
                if (span.start() < end) {
                    throw unverified(i, "its text would overlap the one before it");
                }
                spans.add(span);
                end = span.end();
            }
        }
        return spans;
    }

    private Span find(int index) {
        Turn turn;
        try {
            turn = Turn.of(this::render, conversation.first(index + 1));
        } catch (Unclear unclear) {
            throw unverified(index, unclear.why());
        }
        if (text.startsWith(turn.upToEnd())) {
            return new Span(turn.start(), hasToken(turn) ? afterStop(turn.end()) : endOfTurn(turn.end()), index);
        }
        if (text.startsWith(turn.upToBodyEnd())) {
            return new Span(turn.start(), endOfTurn(turn.bodyEnd()), index);
        }
        return moved(index, turn);
    }

    /** The place of a message that the whole rendering does not show as the short one does, or not at that offset. */
    private Span moved(int index, Turn turn) {
        Message marked = marked(conversation.messages().get(index));
        String whole = render(conversation.with(index, marked), false);
        String part = render(conversation.first(index + 1).with(index, marked), false);
        int inWhole = whole == null ? -1 : unmarkedPlace(whole, text);
        int inPart = part == null ? -1 : unmarkedPlace(part, turn.text());
        if (inWhole < 0 || inPart < 0) {
            throw unverified(index, "a marker put into it does not come out at one place");
        }
        int start = turn.start() + inWhole - inPart;
        int length = turn.end() - turn.start();
        if (start >= 0 && text.regionMatches(start, turn.text(), turn.start(), length)
                && sameEnd(text, start, turn.text(), turn.start())) {
            return new Span(start, start + length, index);
        }
        boolean sameStart = text.startsWith(turn.text().substring(0, turn.start())) && turn.start() <= inWhole;
        boolean sameEnd = inPart >= turn.start() && inPart <= turn.end()
                && text.regionMatches(inWhole, turn.text(), inPart, turn.end() - inPart);
        if (sameStart && sameEnd) {
            return new Span(turn.start(), inWhole + turn.end() - inPart, index);
        }
        throw unverified(index, "it is rendered differently when other messages follow");
    }

    private static Message marked(Message message) {
        String content = message.content();
        if (message.toolCalls().isEmpty() || (content != null && !content.isBlank())) {
            return message.withContent((content == null ? "" : content) + MARK);
        }
        List<ToolCall> calls = new ArrayList<>(message.toolCalls());
        ToolCall last = calls.removeLast();
        calls.add(last.withName(last.name() + MARK));
        return message.withCalls(calls);
    }

    /** Where the mark stands, as an offset in the same rendering without it; -1 when that cannot be told. */
    static int unmarkedPlace(String marked, String unmarked) {
        int place = marked.indexOf(MARK);
        if (place < 0 || place != marked.lastIndexOf(MARK)) {
            return -1;
        }
        String after = marked.substring(place + MARK.length());
        return unmarked.endsWith(after) ? unmarked.length() - after.length() : -1;
    }

    /** Whether the two texts are the same for a while before the two offsets. */
    static boolean sameEnd(String left, int leftEnd, String right, int rightEnd) {
        int same = 0;
        while (same < Math.min(leftEnd, rightEnd)
                && left.charAt(leftEnd - 1 - same) == right.charAt(rightEnd - 1 - same)) {
            same++;
        }
        return same >= Math.min(SAME_BEFORE, Math.max(leftEnd, rightEnd));
    }

    private static boolean hasToken(Turn turn) {
        return !turn.text().substring(turn.bodyEnd(), turn.end()).isBlank();
    }

    /** After the token at which answers end, if it follows at once: another one, such as that of a response, came first. */
    private int afterStop(int end) {
        return template.endTokens().stream().filter(token -> text.startsWith(token, end)).findFirst()
                .map(token -> end + token.length()).orElse(end);
    }

    /** After the token that ends turns where one follows there: some templates end only some turns with it. */
    private int endOfTurn(int bodyEnd) {
        int at = bodyEnd;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        int start = at;
        return Stream.concat(Stream.of(template.endOfTurn().token()), template.endTokens().stream())
                .filter(token -> !token.isEmpty() && text.startsWith(token, start)).findFirst()
                .map(token -> start + token.length()).orElse(bodyEnd);
    }

    private @Nullable String render(Conversation part, boolean prompt) {
        try {
            return template.render(part, new RenderOptions(prompt, variables));
        } catch (ProblemException refused) {
            return null;
        }
    }

    private static ProblemException unverified(int index, String why) {
        return Problem.user("unverified_assistant_text", "messages[" + index
                + "] (assistant): its place in the chat template's output cannot be proven, because " + why
                + ". Mark what the assistant writes with {% generation %} in the template, or change the message.",
                "messages[" + index + "]").asException();
    }

    /** Renders, or gives null where the template refuses. */
    @FunctionalInterface
    interface Renderer {
        @Nullable
        String render(Conversation conversation, boolean addGenerationPrompt);
    }

    /** Why a turn's text cannot be told apart. */
    static final class Unclear extends Exception {
        private static final long serialVersionUID = 1L;

        Unclear(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }
}
