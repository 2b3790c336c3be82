package dev.luthier.server.api.chat;

import dev.luthier.server.api.FieldValue;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code stop}: a string, or a list of them. */
public final class Stops {
    private Stops() {}

    /** @param most how many the dialect allows */
    public static List<String> read(FieldValue stop, int most) {
        if (stop.isText()) {
            return List.of(stop.text().notEmpty().orElse(" "));
        }
        List<String> stops = new ArrayList<>();
        for (FieldValue element : stop.list()) {
            stops.add(element.text().notEmpty().required());
        }
        if (stops.size() > most) {
            stop.fault("out_of_range", stop.name() + " must have at most " + most + " strings, not " + stops.size()
                    + ".");
        }
        return stops;
    }
}
