package dev.luthier.bench.requests;

import dev.luthier.bench.process.LuthierServer;
import dev.luthier.core.json.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * A data directory with many jobs. One is made through the API and its data validated; the others are copies of its
 * rows under ids of their own, a second apart, each ended with success.
 */
final class ManyJobs {
    private static final String BOUNDARY = "luthier-bench-boundary";

    private ManyJobs() {}

    /** Makes the jobs on the data directory of a server that is started and stopped for it. */
    static void make(Path data, int count) throws IOException, InterruptedException, SQLException {
        UUID job;
        try (LuthierServer server = LuthierServer.start(data, Map.of());
                HttpClient http = HttpClient.newHttpClient()) {
            String lines = IntStream.range(0, 16)
                    .mapToObj(i -> Json.write(Map.of("messages",
                            List.of(Map.of("role", "user", "content", "what is number " + i + "?"),
                                    Map.of("role", "assistant", "content", "it is " + i + ".")))))
                    .collect(Collectors.joining("\n"));
            String file = send(http, request(server, "/mistral/v1/files")
                    .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                    .POST(BodyPublishers.ofString("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\";"
                            + " filename=\"numbers.jsonl\"\r\n\r\n" + lines + "\r\n--" + BOUNDARY + "--\r\n")))
                    .path("id").stringValue();
            String body = Json.write(Map.of("model", "luthier-tiny", "training_files", List.of(file)));
            JsonNode made = send(http, request(server, "/mistral/v1/fine_tuning/jobs")
                    .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
            job = UUID.fromString(made.path("id").stringValue());
            while (!made.path("status").stringValue().equals("VALIDATED")) {
                Thread.sleep(50);
                made = send(http, request(server, "/mistral/v1/fine_tuning/jobs/" + job).GET());
            }
        }
        copy(data, job, count);
    }

    private static HttpRequest.Builder request(LuthierServer server, String path) throws IOException {
        return HttpRequest.newBuilder(server.url().resolve(path)).header("Authorization", "Bearer " + server.key());
    }

    private static JsonNode send(HttpClient http, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.uri() + " answered " + response.body());
        }
        return Json.parse(response.body());
    }

    private static void copy(Path data, UUID job, int count) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("db/luthier.db"))) {
            connection.setAutoCommit(false);
            try (PreparedStatement ended = connection.prepareStatement("""
                    update jobs set state = 'SUCCEEDED', finished_at = created_at + 60000, trained_tokens = 4096,
                        fine_tuned_model = 'ft:luthier-tiny:bench' where id = ?""")) {
                ended.setString(1, job.toString());
                ended.executeUpdate();
            }
            try (PreparedStatement jobs = connection.prepareStatement(copyOf(connection, "jobs", "id",
                    "created_at - ?"));
                    PreparedStatement events = connection.prepareStatement(copyOf(connection, "job_events", "job_id",
                            "created_at - ?"))) {
                for (int i = 1; i < count; i++) {
                    String id = UUID.randomUUID().toString();
                    for (PreparedStatement copy : List.of(jobs, events)) {
                        copy.setString(1, id);
                        copy.setLong(2, i * 1000L);
                        copy.setString(3, job.toString());
                        copy.executeUpdate();
                    }
                }
            }
            connection.commit();
        }
    }

    /** Copies a job's rows of a table; parameters are the copy's id, how much older it is, and the original's id. */
    private static String copyOf(Connection connection, String table, String idColumn, String createdAt)
            throws SQLException {
        List<String> columns = new ArrayList<>();
        try (ResultSet found = connection.getMetaData().getColumns(null, null, table, null)) {
            while (found.next()) {
                columns.add(found.getString("COLUMN_NAME"));
            }
        }
        List<String> values = columns.stream().filter(column -> !column.equals(idColumn))
                .map(column -> column.equals("created_at") ? createdAt : column).toList();
        List<String> others = columns.stream().filter(column -> !column.equals(idColumn)).toList();
        return "insert into " + table + " (" + idColumn + ", " + String.join(", ", others) + ") select ?, "
                + String.join(", ", values) + " from " + table + " where " + idColumn + " = ?";
    }
}
