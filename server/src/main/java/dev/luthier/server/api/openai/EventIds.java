package dev.luthier.server.api.openai;

import dev.luthier.server.api.Ids;
import java.util.OptionalInt;
import java.util.UUID;

/** Ids of events: the job's 128 bits with the event's number mixed in, so that either follows from the other two. */
final class EventIds {
    private static final String PREFIX = "ftevent-";

    private EventIds() {}

    static String of(UUID job, int sequence) {
        return Ids.openAi(PREFIX,
                new UUID(job.getMostSignificantBits(), job.getLeastSignificantBits() ^ sequence));
    }

    /** The number of a job's event; empty for what is no id of an event of this job. */
    static OptionalInt sequence(UUID job, String id) {
        UUID mixed = id.startsWith(PREFIX) ? Ids.parse(PREFIX, id).orElse(null) : null;
        if (mixed == null || mixed.getMostSignificantBits() != job.getMostSignificantBits()) {
            return OptionalInt.empty();
        }
        long sequence = mixed.getLeastSignificantBits() ^ job.getLeastSignificantBits();
        return sequence < 1 || sequence > Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) sequence);
    }
}
