package dev.luthier.server.config;

import java.util.Map;

/** The environment variables of the process. */
public record ServerEnvironment(Map<String, String> variables) {
    public ServerEnvironment {
        variables = Map.copyOf(variables);
    }
}
