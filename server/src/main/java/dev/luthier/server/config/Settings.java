package dev.luthier.server.config;

import java.util.Map;
import java.util.Objects;

/** The resolved settings: each {@link KnownSettings known one} has a value. Immutable. */
public final class Settings {
    private final Map<Setting<?>, Object> values;

    Settings(Map<Setting<?>, Object> values) {
        this.values = Map.copyOf(values);
    }

    /** The value that flag, environment or file gives, else the default. */
    @SuppressWarnings("unchecked") // SettingsLoader puts only what the setting's own reader returned
    public <T> T get(Setting<T> setting) {
        return (T) Objects.requireNonNull(values.getOrDefault(setting, setting.defaultValue()));
    }
}
