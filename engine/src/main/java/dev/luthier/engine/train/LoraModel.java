package dev.luthier.engine.train;

import dev.luthier.core.adapter.AdapterKind;
import dev.luthier.core.adapter.ClassifierConfig;
import dev.luthier.core.adapter.LoraShape;
import dev.luthier.core.model.ModelDirectory;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.run.MemoryTier;
import dev.luthier.core.run.RunSpec;
import dev.luthier.core.run.Task;
import dev.luthier.engine.decoder.ClassifierHead;
import dev.luthier.engine.decoder.DecoderWeights;
import dev.luthier.engine.decoder.TrainingDecoder;
import dev.luthier.engine.lora.LoraCopies;
import dev.luthier.engine.lora.LoraInitializer;
import dev.luthier.engine.lora.LoraLayout;
import dev.luthier.engine.lora.LoraWeights;
import dev.luthier.engine.lora.PeftAdapter;
import dev.luthier.engine.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** A frozen base model and the adapter that learns on it. */
public final class LoraModel implements AutoCloseable {
    private final DecoderWeights base;
    private final LoraWeights adapter;
    private final LoraWeights gradients;
    private final LoraCopies copies;
    private final TrainingDecoder decoder;

    private LoraModel(DecoderWeights base, LoraWeights adapter, MemoryTier tier) {
        this.base = base;
        this.adapter = adapter;
        gradients = new LoraWeights(adapter.layout());
        copies = new LoraCopies(adapter, base);
        decoder = new TrainingDecoder(base, copies.trainable(gradients), tier);
    }

    /** Takes over the base weights, with a fresh adapter of the seed. */
    public static LoraModel fresh(DecoderWeights base, LoraShape shape, MemoryTier tier, long seed) {
        return fresh(base, new LoraLayout(base, shape), tier, seed);
    }

    private static LoraModel fresh(DecoderWeights base, LoraLayout layout, MemoryTier tier, long seed) {
        LoraWeights adapter = new LoraWeights(layout);
        LoraInitializer.initialize(adapter, base, seed);
        return new LoraModel(base, adapter, tier);
    }

    /**
     * Loads a base model, with a fresh adapter of the seed.
     *
     * @throws dev.luthier.core.problem.ProblemException USER if a file is missing or unfit
     */
    public static LoraModel fresh(ModelDirectory model, RunSpec.Lora lora, RunSpec.Numerics numerics, long seed) {
        LoraShape shape = LoraShape.of(lora, model.config());
        return fresh(load(model, numerics), shape, numerics.memoryTier(), seed);
    }

    private static DecoderWeights load(ModelDirectory model, RunSpec.Numerics numerics) {
        return DecoderWeights.load(model, DType.of(numerics.baseType()), numerics.quantization());
    }

    /**
     * Loads base model and start adapter of a run, or makes a fresh adapter.
     *
     * @throws dev.luthier.core.problem.ProblemException USER if a file is missing or unfit
     */
    static LoraModel of(RunSpec spec, ModelDirectory model) {
        MemoryTier tier = spec.numerics().memoryTier();
        DecoderWeights base = load(model, spec.numerics());
        Path start = spec.startAdapter();
        try {
            return start == null
                    ? fresh(base, new LoraLayout(base, LoraShape.of(spec.lora(), model.config()), labels(spec.task())),
                            tier, spec.seed())
                    : new LoraModel(base, startAdapter(start, base, spec), tier);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    private static int labels(Task task) {
        return task instanceof Task.Classification classification ? classification.labels() : 0;
    }

    private static LoraWeights startAdapter(Path path, DecoderWeights base, RunSpec spec) {
        LoraWeights adapter = switch (spec.task()) {
            case Task.Supervised _,Task.Preference _ -> PeftAdapter.load(path, base, AdapterKind.COMPLETION);
            case Task.Classification task -> startClassifier(path, base, task, spec.seed());
        };
        RunSpec.Lora wanted = spec.lora();
        LoraShape shape = adapter.layout().shape();
        if (!shape.envelope(base.config()).equals(wanted)) {
            adapter.close();
            throw Problem.user("start_adapter_differs", "the adapter to start from has " + shape.describe()
                    + "; the run asks for " + LoraShape.of(wanted, base.config()).describe() + ". Use the same.",
                    "lora").asException();
        }
        return adapter;
    }

    /** The matrices of an adapter of any kind; its head too if it tells the same, else a fresh one of the seed. */
    private static LoraWeights startClassifier(Path path, DecoderWeights base, Task.Classification task, long seed) {
        LoraWeights start = PeftAdapter.load(path, base);
        if (start.head() != null && ClassifierConfig.read(path).hasTargetsOf(task)) {
            return start;
        }
        try (start) {
            LoraWeights adapter = new LoraWeights(new LoraLayout(base, start.layout().shape(), task.labels()));
            adapter.copyMatrices(start);
            LoraInitializer.initializeHead(adapter, seed);
            return adapter;
        }
    }

    /** The adapter as what learns; weight decay applies to its matrices, not to a classifier's head. */
    public ParameterSet parameters() {
        return new ParameterSet(adapter.flat(), gradients.flat(),
                List.of(new AdamW.Span(0, adapter.layout().headStart())), copies::refresh);
    }

    /** The head of a classifier, which learns with the adapter; the caller closes it, before this. */
    ClassifierHead classifierHead() {
        return new ClassifierHead(base, Objects.requireNonNull(adapter.head()), gradients.head());
    }

    public DecoderWeights base() {
        return base;
    }

    public LoraWeights adapter() {
        return adapter;
    }

    public TrainingDecoder decoder() {
        return decoder;
    }

    @Override
    public void close() {
        decoder.close();
        copies.close();
        gradients.close();
        adapter.close();
        base.close();
    }
}
