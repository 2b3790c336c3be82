import com.aallam.openai.api.exception.OpenAIAPIException
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.util.Properties

/** Prints one line for each check, which the harness collects. */
class Report {
    var failed = false
        private set

    /** Says which package is driven, and in which version. */
    fun sdk() {
        val properties = Properties()
        Report::class.java.getResourceAsStream("/sdk.properties").use { properties.load(it) }
        print("SDK", "package" to "openai-client", "version" to properties.getProperty("version"))
    }

    /** Runs one check; a check that fails does not keep the following ones from running. */
    suspend fun check(route: String, body: suspend () -> Unit) {
        try {
            body()
            print("RESULT", "route" to route, "result" to "pass")
        } catch (e: Throwable) {
            failed = true
            print("RESULT", "route" to route, "result" to "fail", "reason" to e.stackTraceToString())
        }
    }

    /** Routes that this client has no call for. */
    fun notApplicable(reason: String, vararg routes: String) =
        routes.forEach { print("RESULT", "route" to it, "result" to "n/a", "reason" to reason) }

    private fun print(word: String, vararg members: Pair<String, String>) =
        println("$word ${JsonObject(members.associate { it.first to JsonPrimitive(it.second) })}")
}

/** Expects the client's exception for a status, with a message that contains a text. */
suspend inline fun <reified E : OpenAIAPIException> fails(status: Int, text: String, crossinline body: suspend () -> Any?) {
    val error = try {
        "nothing was thrown, but there was ${body()}"
    } catch (e: Throwable) {
        e
    }
    if (error !is E || error.statusCode != status || text !in error.error.detail?.message.orEmpty()) {
        throw AssertionError("expected ${E::class.simpleName} $status, got $error", error as? Throwable)
    }
}
