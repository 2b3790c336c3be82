package dev.luthier.server.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;

/** Model directories for the {@link FakeWorkerProgram}, and the command that runs it. */
public final class FakeWorkers {
    private FakeWorkers() {}

    /** A program that runs the fake worker. */
    public static Path script(Path directory) {
        try {
            StringBuilder line = new StringBuilder("#!/bin/sh\nexec");
            for (String word : List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-cp", System.getProperty("java.class.path"),
                    FakeWorkerProgram.class.getName())) {
                line.append(" '").append(word).append('\'');
            }
            Path script = Files.writeString(directory.resolve("fake-luthier"), line + " \"$@\"\n");
            return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says what a model's worker answers from now on. */
    public static void answer(Path model, String finishReason, int... tokens) {
        write(model, "answer.json",
                "{\"token_ids\": " + Arrays.toString(tokens) + ", \"finish_reason\": \"" + finishReason + "\"}");
    }

    /** Says what a classifier tells of each input from now on, in the order of the rows of its head. */
    public static void scores(Path model, double... row) {
        write(model, "scores.json", Arrays.toString(row));
    }

    public static void write(Path model, String name, String content) {
        try {
            Files.createDirectories(model);
            Files.writeString(model.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the model's workers have noted, in order. */
    public static List<String> events(Path model) {
        try {
            Path log = model.resolve("events.log");
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the model's workers were last asked to complete; a client that left before may be noted after it. */
    public static String lastRequest(Path model) {
        return last(model, "complete ");
    }

    /** What the model's workers were last asked to classify. */
    public static String lastClassification(Path model) {
        return last(model, "classify ");
    }

    private static String last(Path model, String event) {
        return events(model).stream().filter(line -> line.startsWith(event)).toList().getLast()
                .substring(event.length());
    }
}
