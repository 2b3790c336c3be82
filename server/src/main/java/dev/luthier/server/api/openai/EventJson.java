package dev.luthier.server.api.openai;

import dev.luthier.server.job.Job;
import dev.luthier.server.job.JobEvent;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * Something that happened to a job, as OpenAI's clients see it.
 *
 * @param createdAt Unix seconds
 * @param data facts; an object, empty when there are none
 */
record EventJson(String object, String id, long createdAt, String level, String message, String type, JsonNode data) {

    /** @param names what the job's things are called here */
    static EventJson of(Job job, OpenAiNames names, JobEvent event) {
        return new EventJson("fine_tuning.job.event", EventIds.of(job.id(), event.sequence()),
                event.createdAtMillis() / 1000, event.level().name().toLowerCase(Locale.ROOT),
                names.in(event.message()), event.type().name().toLowerCase(Locale.ROOT), names.in(event.data()));
    }
}
