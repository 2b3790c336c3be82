package dev.luthier.core.chat;

import dev.luthier.core.problem.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The token that ends the assistant's turns in a chat template's text, learnt from synthetic conversations.
 *
 * @param place where the template prints it
 * @param text the token with the white space that the template puts before it; "" if there is none
 * @param token "" if there is none
 */
record EndOfTurn(Place place, String text, String token) {
    private static final Pattern TOKEN = Pattern.compile("<[^<>\\s]{1,60}>");
    private static final Pattern LAST_TOKEN = Pattern.compile("<[^<>\\s]{1,60}>$");
    private static final Message QUESTION = Message.user("Probe \uE0B3 it.");
    private static final Message ANSWER = Message.assistant(PrefixSpans.MARK);

    /** Where a template prints the token. */
    enum Place {
        /** After every assistant message, the last included. */
        ALWAYS,
        /** Only when other messages follow: training adds it after the last. */
        BETWEEN_TURNS,
        /** Nowhere: a model that learns from such text never stops. */
        NOWHERE,
        /** The template refuses a question with an answer. */
        UNKNOWN
    }

    static EndOfTurn of(ChatTemplate template) {
        return new Search(template).find();
    }

    /** The work on one template. */
    private static final class Search {
        private final ChatTemplate template;

        Search(ChatTemplate template) {
            this.template = template.at(ChatTemplate.TRAINING_TIME);
        }

        EndOfTurn find() {
            List<Message> messages = new ArrayList<>(List.of(QUESTION, ANSWER));
            Optional<String> atEnd = render(messages, false).flatMap(Search::afterAnswer);
            if (atEnd.isEmpty()) {
                return new EndOfTurn(Place.UNKNOWN, "", "");
            }
            Optional<EndOfTurn> always = tokenAt(atEnd.get(), Place.ALWAYS);
            if (always.isPresent()) {
                return always.get();
            }
            messages.add(Message.user("Again."));
            String between = render(messages, false).flatMap(Search::afterAnswer).orElse("");
            return tokenAt(between, Place.BETWEEN_TURNS)
                    .filter(found -> isStop(found.token()) || !belongsToHeader(found, between))
                    .orElse(new EndOfTurn(Place.NOWHERE, "", ""));
        }

        private Optional<String> render(List<Message> messages, boolean prompt) {
            try {
                return Optional.of(template.render(new Conversation(messages), prompt));
            } catch (ProblemException refused) {
                return Optional.empty();
            }
        }

        private static Optional<String> afterAnswer(String text) {
            int at = text.indexOf(PrefixSpans.MARK);
            return at < 0 ? Optional.empty() : Optional.of(text.substring(at + PrefixSpans.MARK.length()));
        }

        private Optional<EndOfTurn> tokenAt(String text, Place place) {
            String start = text.stripLeading();
            String space = text.substring(0, text.length() - start.length());
            for (String stop : template.endTokens()) {
                String all = start.stripTrailing();
                if (place == Place.ALWAYS && all.endsWith(stop) && all.chars().noneMatch(Character::isWhitespace)) {
                    return Optional.of(new EndOfTurn(place, space + all, stop));
                }
                if (start.startsWith(stop)) {
                    return Optional.of(new EndOfTurn(place, space + stop, stop));
                }
            }
            Matcher token = TOKEN.matcher(start);
            return token.lookingAt() && template.stops().isToken().test(token.group())
                    ? Optional.of(new EndOfTurn(place, space + token.group(), token.group()))
                    : Optional.empty();
        }

        private boolean isStop(String token) {
            return template.endTokens().contains(token);
        }

        /**
         * Whether the token that follows an answer belongs to the header of the question after it. Then it stands before
         * the first question too. An end of turn may also stand there, after a system message that the template adds;
         * but not first, and with a header's token directly after it.
         */
        private boolean belongsToHeader(EndOfTurn found, String between) {
            String text = render(List.of(QUESTION), false).orElse("");
            String begin = template.specialTokens().getOrDefault("bos_token", "");
            String before = text.substring(text.startsWith(begin) ? begin.length() : 0,
                    Math.max(0, text.indexOf("Probe \uE0B3")));
            Matcher first = TOKEN.matcher(before);
            boolean isFirst = first.find() && first.group().equals(found.token());
            boolean tokenFollows = TOKEN.matcher(between.substring(found.text().length()).stripLeading()).lookingAt();
            return before.contains(found.token()) && (isFirst || !tokenFollows);
        }
    }

    /** Whether what an assistant wrote ends with a token that ends turns. */
    private boolean ends(String written, Message message, ChatTemplate template) {
        String text = written.stripTrailing();
        if ((!token.isEmpty() && text.endsWith(token)) || template.endTokens().stream().anyMatch(text::endsWith)) {
            return true;
        }
        Matcher last = LAST_TOKEN.matcher(text);
        if (!last.find() || !template.stops().isToken().test(last.group())) {
            return false;
        }
        // A closing tag belongs to a call, and the text may end with what looks like a token.
        String content = message.content() == null ? "" : message.content().stripTrailing();
        return !last.group().startsWith("</") && !content.endsWith(last.group());
    }

    /**
     * The text to train on: with the token after the last assistant message where the template prints it only between
     * turns.
     */
    TrainingText complete(TrainingText training, Conversation conversation, ChatTemplate template) {
        List<TrainingText.Span> endless = training.spans().stream().filter(span -> !ends(
                training.text().substring(span.start(), span.end()), conversation.messages().get(span.message()),
                template))
                .toList();
        if (endless.isEmpty()) {
            return training;
        }
        TrainingText.Span last = training.spans().getLast();
        boolean onlyLast = endless.equals(List.of(last)) && last.message() == conversation.messages().size() - 1;
        Message message = conversation.messages().get(last.message());
        String written = training.text().substring(last.start(), last.end());
        if (!onlyLast || place != Place.BETWEEN_TURNS || !training.text().substring(last.end()).isBlank()) {
            return training.with(TemplateNote.NO_END_OF_TURN);
        }
        String content = message.content() == null ? "" : message.content();
        String kept = !content.isEmpty() && written.endsWith(content) ? written : written.stripTrailing();
        String text = training.text().substring(0, last.start()) + kept + this.text;
        List<TrainingText.Span> spans = new ArrayList<>(training.spans());
        spans.set(spans.size() - 1, new TrainingText.Span(last.start(), text.length(), last.message()));
        return new TrainingText(text, spans, training.notes()).with(TemplateNote.addedEndOfTurn(token));
    }

    /** What a user should know of it. */
    Optional<TemplateNote> note() {
        return switch (place) {
            case ALWAYS, UNKNOWN -> Optional.empty();
            case BETWEEN_TURNS -> Optional.of(TemplateNote.addedEndOfTurn(token));
            case NOWHERE -> Optional.of(TemplateNote.NO_END_OF_TURN);
        };
    }
}
