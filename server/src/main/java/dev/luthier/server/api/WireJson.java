package dev.luthier.server.api;

import dev.luthier.core.json.Json;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** JSON as clients see it: record components in snake case. A null component is written as null. */
public final class WireJson {
    public static final JsonMapper MAPPER = Json.MAPPER.rebuild()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

    private WireJson() {}
}
