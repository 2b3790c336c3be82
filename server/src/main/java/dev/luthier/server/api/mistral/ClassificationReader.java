package dev.luthier.server.api.mistral;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.prompt.PromptSource;
import dev.luthier.server.api.FieldValue;
import dev.luthier.server.api.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads the bodies of classification requests, field by field as Mistral's document has them. */
final class ClassificationReader {
    private static final int MAX_INPUTS = 1024;

    private ClassificationReader() {}

    /** @param inputs at least one */
    record Request(String model, List<PromptSource> inputs) {}

    /** @throws dev.luthier.server.api.ApiFailure with every fault of the body */
    static Request texts(Fields body) {
        Request request = read(body, input -> new PromptSource.ClassifiedText(input.text().notEmpty().required()));
        body.accept("metadata"); // it changes nothing
        body.finish();
        return request;
    }

    /** @throws dev.luthier.server.api.ApiFailure with every fault of the body */
    static Request conversations(Fields body) {
        Request request = read(body, ClassificationReader::conversation);
        body.finish();
        return request;
    }

    private static Request read(Fields body, Function<FieldValue, PromptSource> reader) {
        String model = body.text("model").notEmpty().required();
        FieldValue input = body.value("input");
        if (!input.node().isArray()) {
            return new Request(model, List.of(reader.apply(input)));
        }
        List<FieldValue> elements = input.list();
        if (elements.isEmpty()) {
            input.fault("empty_list", "input must hold at least one input.");
        } else if (elements.size() > MAX_INPUTS) {
            input.fault("too_many", "input must hold at most " + MAX_INPUTS + " inputs, not " + elements.size() + ".");
        }
        List<PromptSource> inputs = new ArrayList<>();
        elements.forEach(element -> inputs.add(reader.apply(element)));
        return new Request(model, inputs);
    }

    private static PromptSource conversation(FieldValue input) {
        input.requireGiven();
        FieldValue messages = input.object().value("messages");
        if (!input.node().isObject()) {
            return new PromptSource.ClassifiedChat(new Conversation(List.of()));
        }
        return new PromptSource.ClassifiedChat(
                new Conversation(ChatMessages.read(messages, ChatMessages.Purpose.CLASSIFY).messages()));
    }
}
