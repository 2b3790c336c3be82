import com.aallam.openai.api.chat.ChatCompletionRequest
import com.aallam.openai.api.chat.ChatMessage
import com.aallam.openai.api.chat.ChatRole
import com.aallam.openai.api.completion.CompletionRequest
import com.aallam.openai.api.core.RequestOptions
import com.aallam.openai.api.core.Status
import com.aallam.openai.api.exception.AuthenticationException
import com.aallam.openai.api.exception.InvalidRequestException
import com.aallam.openai.api.exception.RateLimitException
import com.aallam.openai.api.file.File
import com.aallam.openai.api.file.FileId
import com.aallam.openai.api.file.FileSource
import com.aallam.openai.api.file.Purpose
import com.aallam.openai.api.file.fileUpload
import com.aallam.openai.api.finetuning.FineTuningId
import com.aallam.openai.api.finetuning.FineTuningJob
import com.aallam.openai.api.finetuning.FineTuningJobEvent
import com.aallam.openai.api.finetuning.FineTuningRequest
import com.aallam.openai.api.finetuning.Hyperparameters
import com.aallam.openai.api.logging.LogLevel
import com.aallam.openai.api.model.ModelId
import com.aallam.openai.client.LoggingConfig
import com.aallam.openai.client.OpenAI
import com.aallam.openai.client.OpenAIConfig
import com.aallam.openai.client.OpenAIHost
import com.aallam.openai.client.RetryStrategy
import kotlin.system.exitProcess
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.io.Buffer
import kotlinx.io.writeString

// Everything that the Kotlin client offers of Luthier's routes. Its sizes and token counts have 32 bits.

private val url = environment("LUTHIER_TEST_URL")
private val key = environment("LUTHIER_TEST_KEY")
private val model = ModelId(environment("LUTHIER_TEST_MODEL"))
private val client = connect("$url/openai/v1/", key)
private val live = setOf("validating_files", "queued", "running")

private fun environment(name: String) = System.getenv(name) ?: error("$name is not set; conformance/run sets it")

// The slash at the end of the address matters: paths are resolved against it.
private fun connect(address: String, token: String) =
    OpenAI(
        OpenAIConfig(
            token = token,
            host = OpenAIHost(baseUrl = address),
            retry = RetryStrategy(maxRetries = 0),
            logging = LoggingConfig(LogLevel.None),
        ),
    )

/** Lines of chat data; what they teach does not matter here. */
private fun trainingLines(count: Int) = (0 until count).joinToString("") {
    """{"messages":[{"role":"user","content":"what is number $it?"},{"role":"assistant","content":"it is $it."}]}""" + "\n"
}

private suspend fun upload(name: String, lines: String): File =
    client.file(fileUpload {
        file = FileSource(name, Buffer().apply { writeString(lines) })
        purpose = Purpose("fine-tune")
    })

private suspend fun job(id: FineTuningId): FineTuningJob = checkNotNull(client.fineTuningJob(id))

/** The published loop. */
private suspend fun untilEnded(id: FineTuningId): FineTuningJob {
    while (job(id).status.value in live) delay(200)
    return job(id)
}

/** All items of a list that is read page by page. */
private suspend fun <T> all(id: (T) -> String, page: suspend (String?) -> List<T>): List<T> {
    val items = mutableListOf<T>()
    do {
        val next = page(items.lastOrNull()?.let(id))
        items += next
    } while (next.isNotEmpty())
    check(items.map(id).toSet().size == items.size) { "an item came twice" }
    return items
}

fun main(): Unit = runBlocking {
    val report = Report()
    report.sdk()
    files(report)
    val train = upload("train.jsonl", trainingLines(16))
    val tuned = jobs(report, train.id)
    answers(report, tuned.first, tuned.second)
    faults(report, train.id)
    report.check("any route under /v1") {
        val bare = connect("$url/v1/", key)
        check(bare.fineTuningJobs().all { it.id.id.startsWith("ftjob-") })
        check(bare.files().all { it.id.id.startsWith("file-") })
        check(bare.models().any { it.id == model })
    }
    report.notApplicable(
        "the client has no such call", "POST /uploads", "POST /uploads/{id}/parts", "POST /uploads/{id}/complete",
        "POST /uploads/{id}/cancel", "GET /fine_tuning/jobs/{id}/checkpoints", "POST /fine_tuning/jobs/{id}/pause",
        "POST /fine_tuning/jobs/{id}/resume", "POST /fine_tuning/checkpoints/{model}/permissions",
        "GET /fine_tuning/checkpoints/{model}/permissions", "DELETE /fine_tuning/checkpoints/{model}/permissions/{id}",
        "DELETE /models/{model}",
    )
    report.notApplicable("the client's requests have no method", "POST /fine_tuning/jobs (dpo)")
    report.notApplicable("no call of the client can conflict", "409")
    report.notApplicable("the client cannot list checkpoints", "POST /chat/completions (checkpoint)")
    exitProcess(if (report.failed) 1 else 0)
}

private suspend fun files(report: Report) {
    val lines = trainingLines(12)
    report.check("POST /files") {
        val file = upload("twelve.jsonl", lines)
        check(file.bytes == lines.length && file.filename == "twelve.jsonl" && file.purpose.raw == "fine-tune") { file }
    }
    report.check("GET /files") {
        val files = client.files()
        check(files.any { it.filename == "twelve.jsonl" }) { files }
        System.getenv("LUTHIER_TEST_LARGE_FILE")?.let { large ->
            check(files.single { it.id.id == large }.bytes == Int.MAX_VALUE) { files }
        }
    }
    report.check("GET /files/{id}") {
        check(client.file(upload("one.jsonl", lines).id)?.filename == "one.jsonl")
    }
    report.check("GET /files/{id}/content") {
        check(client.download(upload("one.jsonl", lines).id).decodeToString() == lines)
    }
    report.check("DELETE /files/{id}") {
        val file = upload("gone.jsonl", lines)
        check(client.delete(file.id))
        check(client.files().none { it.id == file.id })
    }
}

/** Gives the tuned model and the job that made it. */
private suspend fun jobs(report: Report, trainingFile: FileId): Pair<ModelId, FineTuningId> {
    val valid = upload("valid.jsonl", trainingLines(12))
    val many = upload("many.jsonl", trainingLines(400))
    var ended = FineTuningId("none was made")
    var running = FineTuningId("none was made")
    var tuned = ModelId("none was made")
    report.check("POST /fine_tuning/jobs") {
        val job = client.fineTuningJob(FineTuningRequest(trainingFile, model, valid.id, Hyperparameters(2), "kotlin"))
        check(job.status.value == "validating_files" && job.resultFiles.isEmpty() && job.error == null) { job }
        ended = job.id
    }
    report.check("POST /fine_tuning/jobs (hyperparameters)") {
        running = client.fineTuningJob(FineTuningRequest(many.id, model, hyperparameters = Hyperparameters(50))).id
    }
    report.check("POST /fine_tuning/jobs (Idempotency-Key)") {
        val options = RequestOptions(headers = mapOf("Idempotency-Key" to "kotlin-${System.nanoTime()}"))
        val first = client.fineTuningJob(FineTuningRequest(trainingFile, model), options)
        check(client.fineTuningJob(FineTuningRequest(trainingFile, model), options).id == first.id)
        client.cancel(first.id)
    }
    report.check("POST /fine_tuning/jobs (luthier settings)") {
        fun settings(header: String) = RequestOptions(headers = mapOf("Luthier-Training" to header))
        client.cancel(client.fineTuningJob(FineTuningRequest(trainingFile, model), settings("rank=4, top_layers=1")).id)
        fails<InvalidRequestException>(400, "Did you mean rank?") {
            client.fineTuningJob(FineTuningRequest(trainingFile, model), settings("rnak=4"))
        }
    }
    report.check("GET /fine_tuning/jobs/{id}") {
        val job = untilEnded(ended)
        check(job.status == Status.Succeeded && job.error == null && checkNotNull(job.trainedTokens) > 0) { job }
        val csv = client.download(job.resultFiles.single()).decodeToString()
        check(csv.startsWith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy")) { csv }
        tuned = checkNotNull(job.fineTunedModel)
    }
    report.check("GET /fine_tuning/jobs") {
        val ids = all<FineTuningJob>({ it.id.id }) { client.fineTuningJobs(after = it, limit = 2) }.map { it.id.id }
        check(running.id in ids && ids.indexOf(running.id) < ids.indexOf(ended.id)) { ids }
        check(environment("LUTHIER_TEST_PAUSED_JOB") in ids) { ids }
    }
    report.check("GET /fine_tuning/jobs/{id}/events") {
        val events = all<FineTuningJobEvent>({ it.id }) { client.fineTuningEvents(ended, after = it, limit = 3) }
        check(events.first().message == "The job has successfully completed") { events.first() }
        check(events.last().message == "Created fine-tuning job: ${ended.id}") { events.last() }
    }
    report.check("POST /fine_tuning/jobs/{id}/cancel") {
        check(checkNotNull(client.cancel(running)).status == Status.Cancelled)
        check(untilEnded(running).fineTunedModel == null)
    }
    report.check("POST /fine_tuning/jobs (continue)") {
        val next = client.fineTuningJob(FineTuningRequest(trainingFile, tuned, hyperparameters = Hyperparameters(1)))
        check(next.model == tuned && untilEnded(next.id).status == Status.Succeeded) { next }
    }
    return tuned to ended
}

@Suppress("DEPRECATION")
private suspend fun answers(report: Report, tuned: ModelId, job: FineTuningId) {
    val question = ChatCompletionRequest(
        model = tuned, messages = listOf(ChatMessage(role = ChatRole.User, content = "what is number 3?")),
        temperature = 0.0, seed = 7, maxTokens = 12,
    )
    var answer = ""
    report.check("GET /models") {
        check(client.models().map { it.id }.containsAll(listOf(model, tuned)))
    }
    report.check("GET /models/{model}") {
        check(client.model(tuned).id == tuned) { job }
    }
    report.check("POST /chat/completions") {
        val completion = client.chatCompletion(question)
        answer = checkNotNull(completion.choices.single().message.content)
        val usage = checkNotNull(completion.usage)
        check(usage.totalTokens == checkNotNull(usage.promptTokens) + checkNotNull(usage.completionTokens)) { usage }
    }
    report.check("POST /chat/completions (stream)") {
        val chunks = client.chatCompletions(question).toList()
        check(chunks.joinToString("") { it.choices.firstOrNull()?.delta?.content.orEmpty() } == answer) { chunks }
        check(chunks.last().choices.single().finishReason != null) { chunks.last() }
    }
    val prompt = CompletionRequest(model = model, prompt = "The door", maxTokens = 6, temperature = 0.0)
    report.check("POST /completions") {
        val scored = client.completion(CompletionRequest(model, "The door", maxTokens = 6, temperature = 0.0, logprobs = 2))
        check(scored.choices.single().logprobs?.tokens?.size == 6) { scored }
        // Not with logprobs: the first token of an echo has none, null as OpenAI sends it, and the client wants a number.
        val echo = client.completion(CompletionRequest(model, "The door", maxTokens = 6, temperature = 0.0, echo = true))
        check(echo.choices.single().text.startsWith("The door")) { echo }
    }
    report.check("POST /completions (stream)") {
        val streamed = client.completions(prompt).toList().joinToString("") { it.choices.firstOrNull()?.text.orEmpty() }
        check(streamed == client.completion(prompt).choices.single().text) { streamed }
    }
}

private suspend fun faults(report: Report, trainingFile: FileId) {
    val nowhere = "0".repeat(22)
    report.check("400 training file") {
        val bad = trainingLines(11) + """{"messages":[{"role":"asistant","content":"x"}]}""" + "\n"
        fails<InvalidRequestException>(400, "ine 12") { upload("bad.jsonl", bad) }
    }
    report.check("400 parameter") {
        fails<InvalidRequestException>(400, "n_epochs") {
            client.fineTuningJob(FineTuningRequest(trainingFile, model, hyperparameters = Hyperparameters(51)))
        }
    }
    report.check("401") {
        fails<AuthenticationException>(401, "") { connect("$url/openai/v1/", "wrong").models() }
    }
    report.check("404 job") {
        fails<InvalidRequestException>(404, "") { client.fineTuningJob(FineTuningId("ftjob-$nowhere")) }
    }
    report.check("404 file") {
        check(client.file(FileId("file-$nowhere")) == null)
    }
    report.check("404 model") {
        fails<InvalidRequestException>(404, "no-such-model") { client.model(ModelId("no-such-model")) }
    }
    report.check("429") {
        val limited = connect(environment("LUTHIER_TEST_LIMITED_URL") + "/openai/v1/", environment("LUTHIER_TEST_LIMITED_KEY"))
        fails<RateLimitException>(429, "") {
            while (true) limited.models()
        }
    }
}
