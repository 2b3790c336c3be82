package dev.luthier.conformance.openai;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJob.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A client whose every answer is validated against the SDK's types, and what several checks do with it. */
record Connection(OpenAIClient client, String model) {
    private static final Set<Status> LIVE = Set.of(Status.VALIDATING_FILES, Status.QUEUED, Status.RUNNING);

    static Connection open() {
        return new Connection(client(environment("LUTHIER_TEST_URL") + "/openai/v1", environment("LUTHIER_TEST_KEY")),
                environment("LUTHIER_TEST_MODEL"));
    }

    /** A client for what only the organization's administrators may do. */
    static OpenAIClient administrator() {
        return client(environment("LUTHIER_TEST_URL") + "/openai/v1", environment("LUTHIER_TEST_ADMIN_KEY"));
    }

    static OpenAIClient client(String baseUrl, String key) {
        return OpenAIOkHttpClient.builder().baseUrl(baseUrl).apiKey(key).adminApiKey(key).maxRetries(0)
                .responseValidation(true).build();
    }

    static String environment(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set; conformance/run sets it");
        }
        return value;
    }

    /** Lines of chat data; what they teach does not matter here. */
    static String trainingLines(int count) {
        return IntStream.range(0, count).mapToObj(i -> """
                {"messages":[{"role":"user","content":"what is number %d?"},{"role":"assistant","content":"it is %d."}]}
                """.formatted(i, i)).collect(Collectors.joining());
    }

    /** Lines of preference pairs: answers in two styles, of which the brief one is preferred. */
    static String preferenceLines(int count) {
        return IntStream.range(0, count).mapToObj(i -> """
                {"input":{"messages":[{"role":"user","content":"what is number %d?"}]},\
                "preferred_output":[{"role":"assistant","content":"it is %d."}],\
                "non_preferred_output":[{"role":"assistant","content":"I would say that this number is %d, if I may."}]}
                """.formatted(i, i, i)).collect(Collectors.joining());
    }

    FileObject upload(String name, String lines) {
        return client.files().create(file(name, lines).build());
    }

    static FileCreateParams.Builder file(String name, String lines) {
        InputStream bytes = new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8));
        return FileCreateParams.builder().purpose(FilePurpose.FINE_TUNE)
                .file(MultipartField.<InputStream>builder().value(bytes).filename(name).build());
    }

    /** The published loop. */
    FineTuningJob untilEnded(String id) throws InterruptedException {
        FineTuningJob job = client.fineTuning().jobs().retrieve(id);
        while (LIVE.contains(job.status())) {
            Thread.sleep(200);
            job = client.fineTuning().jobs().retrieve(id);
        }
        return job;
    }

    FineTuningJob until(String id, Status status) throws InterruptedException {
        FineTuningJob job = client.fineTuning().jobs().retrieve(id);
        while (!job.status().equals(status)) {
            Report.require(LIVE.contains(job.status()), job);
            Thread.sleep(100);
            job = client.fineTuning().jobs().retrieve(id);
        }
        return job;
    }
}
