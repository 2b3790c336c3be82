package dev.luthier.core.chat;

import dev.luthier.core.chat.CallForm.Arguments;
import dev.luthier.core.chat.CallProbe.Level;
import dev.luthier.core.chat.CallProbe.Quality;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The forms in which a chat template renders tool calls rightly, found by rendering synthetic calls when the template is
 * loaded ({@link CallProbe}).
 *
 * <p>Files and requests hold the arguments of a call as a string of JSON or as an object, and a missing text as null, as
 * "" or not at all. transformers hands over what it finds, and many templates are right with one form only: they escape
 * a string once more, or fail to concatenate an object. So the form that the source has is kept where the template
 * renders it rightly, else the nearest form that comes out best is used.
 *
 * @param byGiven for each form of the source the form for the template
 * @param shortIds whether ids of calls must have exactly nine letters and digits, as templates of Mistral's models want
 * @param quality of the best form
 */
record CallForms(Map<CallForm, CallForm> byGiven, boolean shortIds, Quality quality) {
    /** Hands over what the source holds, as transformers does. */
    static final CallForms AS_GIVEN = new CallForms(Map.of(), false, Quality.UNKNOWN);

    private static final List<CallForm> ALL = all();

    CallForms {
        byGiven = Map.copyOf(byGiven);
    }

    private static List<CallForm> all() {
        List<CallForm> forms = new ArrayList<>();
        for (Arguments arguments : Arguments.values()) {
            for (NoContent noContent : List.of(NoContent.NULL, NoContent.ABSENT, NoContent.EMPTY)) {
                forms.add(new CallForm(arguments, noContent));
            }
        }
        return forms;
    }

    /** Finds the forms that suit a template. */
    static CallForms of(ChatTemplate template) {
        CallProbe probe = new CallProbe(template);
        Map<CallForm, Quality> longIds = new HashMap<>();
        Map<CallForm, Quality> shortIds = new HashMap<>();
        ALL.forEach(form -> {
            longIds.put(form, probe.quality(form, false));
            shortIds.put(form, probe.quality(form, true));
        });
        boolean needsShort = best(shortIds).isBetterThan(best(longIds));
        Map<CallForm, Quality> qualities = needsShort ? shortIds : longIds;
        if (!best(qualities).isShown()) {
            return AS_GIVEN;
        }
        Map<CallForm, CallForm> byGiven = new HashMap<>();
        ALL.forEach(given -> byGiven.put(given, nearestOfTheBest(given, qualities)));
        return new CallForms(byGiven, needsShort, best(qualities));
    }

    private static Quality best(Map<CallForm, Quality> qualities) {
        return qualities.values().stream().max(Quality.ORDER).orElse(Quality.UNKNOWN);
    }

    private static CallForm nearestOfTheBest(CallForm given, Map<CallForm, Quality> qualities) {
        Quality best = best(qualities);
        return ALL.stream().filter(form -> qualities.getOrDefault(form, Quality.UNKNOWN).equals(best))
                .min(Comparator.comparingInt(given::differences)).orElse(given);
    }

    /** The form for the template of what the source holds in that form. */
    CallForm forTemplate(CallForm given) {
        return byGiven.getOrDefault(given, given);
    }

    /** What was chosen; empty for a template that shows no calls. */
    Optional<TemplateNote> note() {
        if (!quality.isShown()) {
            return Optional.empty();
        }
        if (quality.level() == Level.NAMED) {
            return Optional
                    .of(new TemplateNote(true, "The chat template names the function of a tool call, but garbles "
                            + "its arguments or leaves them out, in every form in which it can receive them."));
        }
        StringBuilder text = new StringBuilder("The chat template receives the arguments of tool calls ")
                .append(argumentForm()).append('.');
        NoContent forNull = forTemplate(new CallForm(Arguments.MAPPING, NoContent.NULL)).noContent();
        if (forNull != NoContent.NULL) {
            text.append(" It receives a null content beside calls as ")
                    .append(forNull == NoContent.EMPTY ? "an empty text." : "an absent key.");
        }
        if (shortIds) {
            text.append(" It demands call ids of nine letters and digits; others are replaced.");
        }
        return Optional.of(new TemplateNote(false, text.toString()));
    }

    private String argumentForm() {
        boolean textKept = forTemplate(new CallForm(Arguments.TEXT, NoContent.NULL)).arguments() == Arguments.TEXT;
        boolean mappingKept = forTemplate(new CallForm(Arguments.MAPPING, NoContent.NULL))
                .arguments() == Arguments.MAPPING;
        if (textKept && mappingKept) {
            return "as the data holds them";
        }
        return textKept
                ? "as JSON texts, because it does not render objects rightly"
                : "as objects, because it does not render JSON texts rightly";
    }
}
