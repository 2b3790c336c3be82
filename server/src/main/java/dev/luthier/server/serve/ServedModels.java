package dev.luthier.server.serve;

import dev.luthier.core.chat.TemplateSet;
import dev.luthier.core.chat.ToolCallFormat;
import dev.luthier.core.chat.ToolCallParser;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.prompt.PromptProcess;
import dev.luthier.core.tokenizer.Tokenizer;
import dev.luthier.server.model.BaseModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokenizers and templates of the base models, read when first needed and kept. A model whose {@code config.json} has
 * changed since is read again. Safe for use by several threads.
 */
final class ServedModels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServedModels.class);

    private final Duration promptLimit;
    private final Map<Path, Entry> entries = new ConcurrentHashMap<>();

    /** @param promptLimit how long template and tokenizer may each take for one prompt */
    ServedModels(Duration promptLimit) {
        this.promptLimit = promptLimit;
    }

    /** What is known of one model. Guarded by itself, so that a model that is being read holds up no other. */
    private static final class Entry {
        private long configMillis;
        private @Nullable ServedModel model;
    }

    /** @throws dev.luthier.core.problem.ProblemException USER if the directory or its template is faulty */
    ServedModel get(BaseModel base) {
        Entry entry = entries.computeIfAbsent(base.directory(), path -> new Entry());
        synchronized (entry) {
            ServedModel known = entry.model;
            if (known != null && entry.configMillis == base.createdAtMillis()) {
                return known;
            }
            // A replaced tokenizer is not closed: an answer may still be using it.
            if (known != null) {
                known.prompts().close();
            }
            entry.model = open(base.directory());
            entry.configMillis = base.createdAtMillis();
            return entry.model;
        }
    }

    private ServedModel open(Path directory) {
        ModelDirectory files = ModelDirectory.open(directory);
        List<String> neglected = GenerationDefaults.neglected(directory);
        if (!neglected.isEmpty()) {
            LOG.warn("model {}: generation_config.json sets {}, which this server does not have; answers go without",
                    directory.getFileName(), String.join(", ", neglected));
        }
        PromptProcess prompts = new PromptProcess(directory, promptLimit);
        try {
            prompts.start(); // whatever loading may do to a process, it does to that one
            Tokenizer tokenizer = load(files);
            Optional<TemplateSet> templates = TemplateSet.of(files, tokenizer);
            return new ServedModel(directory, prompts, tokenizer, templates, stopTokens(files, tokenizer, templates),
                    GenerationDefaults.of(directory),
                    new ToolCallParser(templates.map(TemplateSet::callFormat).orElse(ToolCallFormat.NONE)));
        } catch (RuntimeException e) {
            prompts.close();
            throw e;
        }
    }

    /** A model that was tuned with its template ends its turns as the template does, whatever its files call the end. */
    private static List<Integer> stopTokens(ModelDirectory files, Tokenizer tokenizer,
            Optional<TemplateSet> templates) {
        NavigableSet<Integer> ids = new TreeSet<>(files.stopTokenIds(tokenizer));
        templates.map(TemplateSet::endTokens).orElse(Set.of())
                .forEach(token -> tokenizer.tokenId(token).ifPresent(ids::add));
        return List.copyOf(ids);
    }

    /** One at a time: a tokenizer takes several times its file's size while it is loaded. */
    private synchronized Tokenizer load(ModelDirectory files) {
        return files.tokenizer();
    }

    /** Stops the processes of models that nobody has used for so long. Called from time to time. */
    void stopIdle(Duration idle) {
        entries.values().forEach(entry -> {
            ServedModel model = modelOf(entry);
            if (model != null) {
                model.prompts().stopIdle(idle);
            }
        });
    }

    private static @Nullable ServedModel modelOf(Entry entry) {
        synchronized (entry) {
            return entry.model;
        }
    }

    @Override
    public void close() {
        entries.values().forEach(entry -> {
            ServedModel model = modelOf(entry);
            if (model != null) {
                model.prompts().close();
                model.tokenizer().close();
            }
        });
        entries.clear();
    }
}
