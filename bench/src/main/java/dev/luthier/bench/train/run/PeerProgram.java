package dev.luthier.bench.train.run;

import dev.luthier.bench.train.input.BenchData;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** TRL's SFTTrainer, or its DPOTrainer on pairs, as {@code bench/peers/trl_train.py} starts it. */
final class PeerProgram extends Program {
    private final Path progress;
    private final BenchData data;
    private long offset;
    private long toldPeakBytes;
    private Map<String, String> versions = Map.of();
    private Map<String, String> settings = Map.of();

    private PeerProgram(ChildProcess process, Path progress, BenchData data) {
        super(process);
        this.progress = progress;
        this.data = data;
    }

    static PeerProgram start(Peer peer, Plan plan, Path model, BenchData data, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path tokens = folder.resolve("data.jsonl");
        data.writeTokens(tokens);
        Path progress = folder.resolve("progress.jsonl");
        List<String> command = List.of(Launcher.python(), script().toString(), "--model", model.toString(), "--data",
                tokens.toString(), "--trainer", plan.data().isPairs() ? "dpo" : "sft", "--recipe", peer.label(),
                "--samples-per-step", text(plan.samplesPerStep()),
                "--micro-batch", text(plan.peerMicroBatch()), "--max-length", text(plan.data().longest()), "--steps",
                text(plan.steps()), "--rank", text(Plan.RANK), "--alpha", text(Plan.ALPHA), "--progress",
                progress.toString(), "--output", folder.resolve("output").toString());
        ChildProcess process = ChildProcess.start(command, Map.of("OMP_NUM_THREADS", text(plan.threads()),
                "HF_HUB_OFFLINE", "1", "HF_HOME", folder.resolve("cache").toString(), "TORCHINDUCTOR_CACHE_DIR",
                folder.resolve("compiled").toString(), "TOKENIZERS_PARALLELISM", "false", "PYTHONDONTWRITEBYTECODE",
                "1"), folder.resolve("output.log"));
        return new PeerProgram(process, progress, data);
    }

    private static Path script() {
        return Launcher.root().resolve("bench").resolve("peers").resolve("trl_train.py");
    }

    private static String text(int number) {
        return String.valueOf(number);
    }

    /** Versions of the packages, by name. */
    Map<String, String> versions() {
        return versions;
    }

    /** The settings that the recipe came to. */
    Map<String, String> settings() {
        return settings;
    }

    @Override
    List<StepMark> newMarks() throws IOException {
        List<StepMark> marks = new ArrayList<>();
        for (JsonNode line : newLines()) {
            switch (line.path("type").stringValue()) {
                case "started" -> {
                    versions = texts(line.path("versions"));
                    settings = texts(line.path("settings"));
                }
                case "step" -> marks.add(new StepMark(line.path("step").intValue(), line.path("timeMillis").longValue(),
                        line.path("tokens").longValue(), line.path("targets").longValue()));
                case "ended" -> toldPeakBytes = line.path("peakBytes").longValue();
                default -> throw new IllegalStateException(progress + ": unknown line " + line);
            }
        }
        return marks;
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
        return texts;
    }

    /** Whole lines since the last call. */
    private List<JsonNode> newLines() throws IOException {
        if (!Files.exists(progress) || Files.size(progress) == offset) {
            return List.of();
        }
        byte[] bytes;
        try (RandomAccessFile file = new RandomAccessFile(progress.toFile(), "r")) {
            bytes = new byte[Math.toIntExact(file.length() - offset)];
            file.seek(offset);
            file.readFully(bytes);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        int whole = text.lastIndexOf('\n') + 1;
        offset += whole;
        return text.substring(0, whole).lines().map(Json::parse).toList();
    }

    @Override
    void checkEnd() throws IOException, ProgramFailed {
        newMarks();
        checkWork(data);
    }

    @Override
    long toldPeakBytes() {
        return toldPeakBytes;
    }
}
