package dev.luthier.core.chat;

import dev.luthier.core.chat.PrefixSpans.Renderer;
import dev.luthier.core.chat.PrefixSpans.Unclear;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The last message of a conversation, an assistant's, in the conversation's rendering.
 *
 * @param text the rendering
 * @param start offset after the role header: where the model starts to write
 * @param bodyEnd offset after the message's text and calls
 * @param end offset after the end-of-turn token, or after the white space that ends the turn
 */
record Turn(String text, int start, int bodyEnd, int end) {
    /** What end-of-turn tokens look like in all model families: one word in angle brackets. */
    private static final Pattern TOKEN_FIRST = Pattern.compile("\\s*<[^<>\\s]{1,60}>");
    private static final Pattern TOKEN_LAST = Pattern.compile("<[^<>\\s]{1,60}>(?=\\s*$)");

    String upToEnd() {
        return text.substring(0, end);
    }

    String upToBodyEnd() {
        return text.substring(0, bodyEnd);
    }

    /** Renders variations of the conversation until start and end are proven. */
    static Turn of(Renderer renderer, Conversation conversation) throws Unclear {
        return new Finder(renderer, conversation).find();
    }

    /** The work on one message. */
    private static final class Finder {
        private final Renderer renderer;
        private final Conversation conversation;
        private final Conversation before;
        private final Message message;
        private final String text;
        private @Nullable String plain;

        Finder(Renderer renderer, Conversation conversation) throws Unclear {
            int index = conversation.messages().size() - 1;
            this.renderer = renderer;
            this.conversation = conversation;
            this.before = conversation.first(index);
            this.message = conversation.messages().get(index);
            this.text = render(conversation, false, "the messages up to it");
        }

        Turn find() throws Unclear {
            int start = start();
            int bodyEnd = bodyEnd(start);
            if (bodyEnd < start) {
                throw new Unclear("its text is not where the generation prompt ends");
            }
            return new Turn(text, start, bodyEnd, end(bodyEnd));
        }

        private String render(Conversation part, boolean prompt, String what) throws Unclear {
            String rendered = renderer.render(part, prompt);
            if (rendered == null) {
                throw new Unclear("the template refuses " + what + " alone");
            }
            return rendered;
        }

        /** The rendering with a marker as the message's whole text and no calls. */
        private String plain() throws Unclear {
            if (plain == null) {
                int index = conversation.messages().size() - 1;
                plain = render(conversation.with(index, Message.assistant(PrefixSpans.MARK)), false,
                        "a plain assistant message in its place");
                if (plain.indexOf(PrefixSpans.MARK) < 0
                        || plain.indexOf(PrefixSpans.MARK) != plain.lastIndexOf(PrefixSpans.MARK)) {
                    throw new Unclear("the template does not show an assistant's text once");
                }
            }
            return plain;
        }

        private int start() throws Unclear {
            String prompt = renderer.render(before, true);
            if (prompt == null) {
                return startAfterUsualHeader();
            }
            boolean sameBefore = text.startsWith(prompt);
            if (sameBefore && contentEnd(prompt.length()) >= 0) {
                return prompt.length();
            }
            boolean promptAddsHeader = !prompt.equals(renderer.render(before, false));
            if (sameBefore) {
                return promptAddsHeader ? prompt.length() : startAfterHeader(prompt);
            }
            return promptAddsHeader ? startWithinPrompt(prompt) : startAfterSameEnd(prompt);
        }

        /** The template has no generation prompt, so a role header may come first. */
        private int startAfterHeader(String prompt) throws Unclear {
            String head = head();
            if (!head.startsWith(prompt)) {
                throw new Unclear("the messages before it are rendered differently with it");
            }
            if (head.substring(prompt.length()).isBlank()) {
                return prompt.length();
            }
            if (text.startsWith(head)) {
                return head.length();
            }
            if (message.toolCalls().isEmpty()) {
                throw new Unclear("its role header differs from that of a plain message");
            }
            // Calls have a header of their own, which the model must write: no prompt does.
            return prompt.length();
        }

        /**
         * The generation prompt goes beyond the role header, for example by starting a thought; or the message before
         * it ends differently when it is the last.
         */
        private int startWithinPrompt(String prompt) throws Unclear {
            String history = render(before, false, "the messages before it");
            String head = head();
            int same = 0;
            while (same < Math.min(prompt.length(), head.length()) && prompt.charAt(same) == head.charAt(same)) {
                same++;
            }
            boolean headerOnly = same >= history.length() && head.substring(same).isBlank();
            if (headerOnly && text.startsWith(head.substring(0, same))) {
                return same;
            }
            return before.messages().isEmpty()
                    ? startAfterUsualHeader()
                    : startAfter(header(prompt, history), 1 + count(history, header(prompt, history)));
        }

        /** What a generation prompt adds to the messages. */
        private static String header(String prompt, String history) throws Unclear {
            if (!prompt.startsWith(history)) {
                throw new Unclear("the messages before it are rendered differently with a generation prompt");
            }
            return prompt.substring(history.length());
        }

        /** After the last of that many headers before the message. */
        private int startAfter(String header, int count) throws Unclear {
            String head = head();
            int start = head.lastIndexOf(header) + header.length();
            if (header.isBlank() || count(head, header) != count || !text.startsWith(head.substring(0, start))) {
                throw new Unclear("the generation prompt and its role header differ");
            }
            return start;
        }

        private static int count(String text, String part) {
            int count = 0;
            for (int at = text.indexOf(part); at >= 0 && !part.isEmpty(); at = text.indexOf(part, at + part.length())) {
                count++;
            }
            return count;
        }

        /** What comes before the text of a plain message. */
        private String head() throws Unclear {
            return plain().substring(0, plain().indexOf(PrefixSpans.MARK));
        }

        /**
         * The template has no generation prompt and renders earlier messages differently with this one; its text
         * starts where the message before it ends as it does in the prompt.
         */
        private int startAfterSameEnd(String prompt) throws Unclear {
            String head = head();
            int trimmed = head.stripTrailing().length();
            for (int start = trimmed; start <= head.length(); start++) {
                if (PrefixSpans.sameEnd(prompt, prompt.length(), head, start)
                        && text.startsWith(head.substring(0, start))) {
                    return start;
                }
            }
            throw new Unclear("the messages before it are rendered differently with it");
        }

        /** The template refuses the messages before it, so its role header is learnt from an answer to a question. */
        private int startAfterUsualHeader() throws Unclear {
            Conversation question = new Conversation(List.of(Message.user(PrefixSpans.MARK)), conversation.tools());
            String prompt = render(question, true, "the messages before it, and a question");
            String header = header(prompt, render(question, false, "the messages before it, and a question"));
            return header.isEmpty() && text.startsWith(head()) ? head().length() : startAfter(header, 1);
        }

        /**
         * The end of the message's text when it stands at the offset, white space aside; else -1. Texts that start like
         * a token are not looked at: the template may write one there itself.
         */
        private int contentEnd(int offset) {
            String content = message.content() == null ? "" : message.content().strip();
            int at = offset;
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            boolean plain = !content.isEmpty() && content.charAt(0) != '<';
            return plain && text.startsWith(content, at) ? at + content.length() : -1;
        }

        private int bodyEnd(int start) throws Unclear {
            if (message.toolCalls().isEmpty()) {
                int end = contentEnd(start);
                return end >= 0 ? end : markedEnd();
            }
            String after = plain().substring(plain().indexOf(PrefixSpans.MARK) + PrefixSpans.MARK.length());
            if (!after.isEmpty() && text.endsWith(after)) {
                return text.length() - after.length();
            }
            Matcher token = TOKEN_LAST.matcher(text);
            if (!token.find(start)) {
                throw new Unclear("no end of its calls can be told");
            }
            return token.start();
        }

        private int markedEnd() throws Unclear {
            int index = conversation.messages().size() - 1;
            String content = message.content() == null ? "" : message.content();
            String marked = render(conversation.with(index, message.withContent(content + PrefixSpans.MARK)), false,
                    "it with another text");
            int end = PrefixSpans.unmarkedPlace(marked, text);
            if (end < 0) {
                throw new Unclear("the template changes its text");
            }
            return end;
        }

        private int end(int bodyEnd) {
            Matcher token = TOKEN_FIRST.matcher(text).region(bodyEnd, text.length());
            if (token.lookingAt()) {
                return token.end();
            }
            boolean blank = text.substring(bodyEnd).isBlank();
            return blank ? text.length() : text.stripTrailing().length();
        }
    }
}
