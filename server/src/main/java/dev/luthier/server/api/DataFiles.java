package dev.luthier.server.api;

import dev.luthier.server.file.FilePurpose;
import dev.luthier.server.file.FileService;
import dev.luthier.server.file.StoredFile;
import dev.luthier.server.key.Principal;
import java.util.Optional;

/** The files that requests name as data of a job. */
public final class DataFiles {
    private DataFiles() {}

    /**
     * The file that a field names, in either form of its id. One that is not there or has no samples is noted at the
     * field, and gives empty, as an absent field does.
     */
    public static Optional<StoredFile> find(FileService files, FieldValue value, Principal caller) {
        String text = value.text().orElse("");
        if (text.isEmpty()) {
            if (value.isText()) {
                value.fault("unknown_file", value.name() + " is empty. Give the id of an uploaded file.");
            }
            return Optional.empty();
        }
        Optional<StoredFile> file = Ids.parse(Ids.FILE, text).flatMap(id -> files.find(caller.sees(), id));
        if (file.isEmpty()) {
            value.fault("unknown_file", "There is no file " + FieldValue.shown(text)
                    + ". Upload it first, with purpose " + FilePurpose.FINE_TUNE.publicName() + ".");
            return Optional.empty();
        }
        FilePurpose purpose = file.get().purpose();
        if (purpose != FilePurpose.FINE_TUNE) {
            value.fault("wrong_purpose", "File " + text + " has the purpose " + purpose.publicName()
                    + ". A job takes files with the purpose " + FilePurpose.FINE_TUNE.publicName() + ".");
            return Optional.empty();
        }
        return file;
    }
}
