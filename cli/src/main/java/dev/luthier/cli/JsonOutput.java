package dev.luthier.cli;

import dev.luthier.core.json.Json;
import java.io.PrintWriter;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** The option of commands that can print the server's answer as it is. */
final class JsonOutput {
    @Option(names = "--json", description = "Print JSON.")
    private boolean wanted;

    /** Prints an answer if JSON is wanted; false if the command prints it for people. */
    boolean print(JsonNode answer, PrintWriter out) {
        if (wanted) {
            out.println(Json.writePretty(answer));
        }
        return wanted;
    }
}
