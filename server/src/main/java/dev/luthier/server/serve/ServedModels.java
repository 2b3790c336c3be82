package dev.luthier.server.serve;

import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.chat.ToolCallFormat;
import dev.luthier.core.chat.ToolCallParser;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Tokenizers and templates of the base models, read when first needed and kept. A model whose {@code config.json} has
 * changed since is read again. Safe for use by several threads.
 */
final class ServedModels implements AutoCloseable {
    private final Map<Path, Read> read = new LinkedHashMap<>();

    private record Read(long configMillis, ServedModel model) {}

    /** @throws dev.luthier.core.problem.ProblemException USER if the directory or its template is faulty */
    synchronized ServedModel get(BaseModel base) {
        Read known = read.get(base.directory());
        if (known != null && known.configMillis() == base.createdAtMillis()) {
            return known.model();
        }
        // A replaced tokenizer is not closed: an answer may still be using it.
        ServedModel model = open(base.directory());
        read.put(base.directory(), new Read(base.createdAtMillis(), model));
        return model;
    }

    private static ServedModel open(Path directory) {
        ModelDirectory files = ModelDirectory.open(directory);
        Tokenizer tokenizer = files.tokenizer();
        Optional<TemplateSet> templates = TemplateSet.of(files, tokenizer);
        return new ServedModel(directory, tokenizer, templates, stopTokens(files, tokenizer, templates),
                GenerationDefaults.of(directory),
                new ToolCallParser(templates.map(TemplateSet::callFormat).orElse(ToolCallFormat.NONE)));
    }

    /** A model that was tuned with its template ends its turns as the template does, whatever its files call the end. */
    private static List<Integer> stopTokens(ModelDirectory files, Tokenizer tokenizer,
            Optional<TemplateSet> templates) {
        NavigableSet<Integer> ids = new TreeSet<>(files.stopTokenIds(tokenizer));
        templates.map(TemplateSet::endTokens).orElse(Set.of())
                .forEach(token -> tokenizer.tokenId(token).ifPresent(ids::add));
        return List.copyOf(ids);
    }

    @Override
    public synchronized void close() {
        read.values().forEach(known -> known.model().tokenizer().close());
        read.clear();
    }
}
