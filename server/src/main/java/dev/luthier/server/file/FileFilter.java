package dev.luthier.server.file;

import dev.luthier.core.data.DataFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which files a list shows.
 *
 * @param search part of the name, in any case; null shows all
 * @param formats of the data; a file has one of them
 * @param mimetypes exact; empty shows all
 */
public record FileFilter(@Nullable String search, Set<DataFormat> formats, List<String> mimetypes) {
    public static final FileFilter ALL = new FileFilter(null, Set.of(DataFormat.values()), List.of());

    public FileFilter {
        formats = Set.copyOf(formats);
        mimetypes = List.copyOf(mimetypes);
    }
}
