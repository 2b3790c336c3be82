package dev.luthier.core.data;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Message;
import dev.luthier.core.chat.Role;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A valid line of a data file. */
public sealed interface Sample {

    /** The format of files that hold such samples. */
    DataFormat format();

    /**
     * A conversation to learn the assistant's part of.
     *
     * @param weights one per message, 1 if the loss counts it, else 0; always 0 for others than the assistant
     */
    record Chat(Conversation conversation, List<Integer> weights) implements Sample {
        public Chat {
            weights = List.copyOf(weights);
            if (weights.size() != conversation.messages().size()) {
                throw new IllegalArgumentException(
                        weights.size() + " weights for " + conversation.messages().size() + " messages");
            }
            for (int i = 0; i < weights.size(); i++) {
                int weight = weights.get(i);
                if (weight != 0 && (weight != 1 || conversation.messages().get(i).role() != Role.ASSISTANT)) {
                    throw new IllegalArgumentException("message " + i + " cannot have weight " + weight);
                }
            }
        }

        @Override
        public DataFormat format() {
            return DataFormat.CHAT;
        }
    }

    /** Text to learn as it is; not empty. */
    record Text(String text) implements Sample {
        @Override
        public DataFormat format() {
            return DataFormat.PRETRAIN;
        }
    }

    /**
     * Two answers to one conversation, of which the first is preferred.
     *
     * @param input ends with a message of the user or of a tool
     */
    record Pair(Conversation input, Message preferred, Message rejected) implements Sample {
        @Override
        public DataFormat format() {
            return DataFormat.PAIR;
        }
    }

    /**
     * Something to classify.
     *
     * @param content conversation or text; its weights mean nothing
     * @param labels by target, each label once; a target that the line leaves out is not learnt from it
     * @param lists the targets whose labels are written as a list
     */
    record Labelled(Sample content, Map<String, List<String>> labels, Set<String> lists) implements Sample {
        public Labelled {
            labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
            lists = Set.copyOf(lists);
        }

        @Override
        public DataFormat format() {
            return DataFormat.LABELLED;
        }
    }
}
