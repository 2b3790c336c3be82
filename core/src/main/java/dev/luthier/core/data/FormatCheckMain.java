package dev.luthier.core.data;

import dev.luthier.core.json.Json;
import java.io.IOException;

/** The program behind {@link FormatCheck}: checks the data on standard input and writes the report to standard output. */
final class FormatCheckMain {
    private FormatCheckMain() {}

    public static void main(String[] arguments) throws IOException {
        DataReport report = DataValidator.checkFormat(System.in);
        System.out.write(Json.MAPPER.writeValueAsBytes(report));
        System.out.flush();
    }
}
