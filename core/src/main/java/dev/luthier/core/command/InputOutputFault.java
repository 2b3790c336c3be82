package dev.luthier.core.command;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the file system or the network refused, in a sentence: the exceptions themselves often say a path alone. */
public final class InputOutputFault {
    private InputOutputFault() {}

    public static String describe(IOException e) {
        return switch (e) {
            case ConnectException _ -> "no server answers. Start one with './luthier serve', or name it with --url.";
            case UnknownHostException host -> "there is no host " + host.getMessage() + ".";
            case HttpTimeoutException _ -> "the server did not answer in time. Its log says what it does.";
            case NoSuchFileException file -> file.getFile() + " does not exist.";
            case AccessDeniedException file -> file.getFile() + " cannot be opened: permission denied.";
            case FileAlreadyExistsException file -> file.getFile() + " exists already.";
            case NotDirectoryException file -> file.getFile() + " is not a directory.";
            case DirectoryNotEmptyException file -> file.getFile() + " is not empty.";
            case FileSystemException file -> file.getFile() + ": " + file.getReason() + ".";
            default -> e.getMessage() == null ? "reading or writing failed." : e.getMessage() + ".";
        };
    }
}
