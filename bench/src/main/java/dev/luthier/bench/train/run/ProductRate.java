package dev.luthier.bench.train.run;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** How fast this machine multiplies matrices of a model's shapes, as {@code luthier bench products} measures it. */
final class ProductRate {
    private ProductRate() {}

    /** FLOP/s in bf16 over a training step's products. */
    static double measure(Path model, int rows, int threads) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(Launcher.path(), "bench", "products", "--model",
                model.toString(), "--rows", String.valueOf(rows), "--json"));
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw Problem.internal("products_failed", "luthier bench products failed: " + output.strip()).asException();
        }
        return 1e9 * Json.parse(output.lines().toList().getLast()).path("gflops").doubleValue();
    }
}
