package dev.luthier.engine.generate;

import dev.luthier.core.json.Json;
import dev.luthier.core.process.ParentWatch;
import dev.luthier.core.run.RunDirectory;
import dev.luthier.engine.options.EngineProgram;
import dev.luthier.engine.tensor.Libtorch;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The program {@code luthier worker}: serves one base model and any number of its adapters over HTTP until its parent
 * process has gone. Exit status 1 if the model cannot be loaded, 2 on bad usage.
 */
@Command(name = "luthier worker", sortOptions = false, description = "Serve one base model and its adapters over HTTP, until the parent process has gone. The server starts these.")
public final class WorkerMain implements Callable<Integer> {
    @Mixin
    private WorkerOptions options;

    private WorkerMain() {}

    public static void main(String[] arguments) {
        int status = EngineProgram.of(new WorkerMain()).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    @Override
    @SuppressWarnings("resource") // the process ends with its parent, and with it everything
    public Integer call() throws IOException {
        options.check();
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
        return 0;
    }
}
