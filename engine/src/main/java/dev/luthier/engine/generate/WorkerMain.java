package dev.luthier.engine.generate;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.ProblemException;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.options.Options;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The program {@code luthier worker}: serves one base model and any number of its adapters over HTTP until its parent
 * process has gone. Exit status 1 if the model cannot be loaded, 2 on bad usage.
 */
public final class WorkerMain {
    private WorkerMain() {}

    public static void main(String[] arguments) {
        try {
            run(WorkerOptions.parse(arguments));
        } catch (ProblemException e) {
            Options.report(e);
            System.exit(Options.status(e));
        } catch (IOException e) {
            System.err.println("The worker cannot start: " + e.getMessage());
            System.exit(1);
        }
    }

    @SuppressWarnings("resource") // the process ends with its parent, and with it everything
    private static void run(WorkerOptions options) throws IOException {
        WorkerAccess access = WorkerAccess.of(System.getenv(), options.adapterRoots());
        ParentWatch.follow(options.parentPid());
        GenerationLoop loop = GenerationLoop.start(() -> {
            Libtorch.start();
            Libtorch.use(options.device());
            Libtorch.setThreads(options.threads());
            return DecoderModel.load(options.model(), options.type(), options.maxContext(), options.cacheBytes());
        });
        WorkerServer server = WorkerServer.start(options.model().toString(), loop, access);
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("version", 1);
        state.put("port", server.port());
        state.put("pid", ProcessHandle.current().pid());
        RunDirectory.writeDurably(options.stateFile(), Json.write(state) + "\n");
    }
}
