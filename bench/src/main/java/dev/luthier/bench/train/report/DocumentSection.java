package dev.luthier.bench.train.report;

import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The part of a document that a program writes, between two lines that mark it. */
public final class DocumentSection {
    private static final String BEGIN = "<!-- begin: written by bench/run train --write-docs -->";
    private static final String END = "<!-- end: written by bench/run train --write-docs -->";

    private DocumentSection() {}

    /** Puts the text between the marks of the document; a USER problem if it has none. */
    public static void write(Path document, String text) throws IOException {
        Files.writeString(document, replace(document, Files.readString(document), text));
    }

    static String replace(Path name, String document, String text) {
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END);
        if (begin < 0 || end < begin) {
            throw Problem.user("no_marks", name + " has no section between " + BEGIN + " and " + END + ".")
                    .asException();
        }
        return document.substring(0, begin + BEGIN.length()) + "\n\n" + text.strip() + "\n\n"
                + document.substring(end);
    }
}
