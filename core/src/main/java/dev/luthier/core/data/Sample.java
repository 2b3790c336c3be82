package dev.luthier.core.data;

import dev.luthier.core.chat.Conversation;
import dev.luthier.core.chat.Role;
import java.util.List;

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
}
