package dev.luthier.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

    private static final Path REFERENCE = Path.of("src/test/resources/safetensors/reference.safetensors");

    @TempDir
    private Path directory;

    @Test
    void aFileOfTheReferenceImplementationIsRead() {
        try (SafetensorsFile file = SafetensorsFile.open(REFERENCE)) {
            assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
            assertThat(file.tensors()).hasSize(14);
            TensorEntry tensor = file.tensor("b.float");
            assertThat(tensor.type()).isEqualTo(TensorType.F32);
            assertThat(tensor.shape()).containsExactly(2L, 3L);
            assertThat(tensor.dimensions()).containsExactly(2, 3);
            assertThat(tensor.toFloats()).containsExactly(0f, -1.5f, 3.140625f, 65504f, 1e-3f, -2f);
            assertThat(file.tensor("half").toFloats()).containsExactly(0f, -1.5f, 3.140625f, 65504f, 0.0010004044f,
                    -2f);
            assertThat(file.tensor("brain").toFloats()).containsExactly(0f, -1.5f, 3.140625f, 65536f, 0.0009994507f,
                    -2f);
            assertThat(file.tensor("scalar").toFloats()).containsExactly(2.5f);
            assertThat(file.tensor("scalar").shape()).isEmpty();
            assertThat(file.tensor("empty").elements()).isZero();
            assertThat(file.tensor("longs").elements()).isEqualTo(3);
            assertThatThrownBy(() -> file.tensor("longs").toFloats()).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> file.tensor("none")).isInstanceOf(ProblemException.class)
                    .hasMessageContaining("'none'");
        }
    }

    @Test
    void rowsAndRunsOfElementsAreReadAloneAndAgainAfterTheirPagesWereReleased() {
        try (SafetensorsFile file = SafetensorsFile.open(REFERENCE)) {
            TensorEntry second = file.tensor("half").rows(1, 1);
            for (int time = 0; time < 2; time++) {
                assertThat(second.dimensions()).containsExactly(1, 3);
                assertThat(second.toFloats()).containsExactly(65504f, 0.0010004044f, -2f);
                float[] values = new float[4];
                file.tensor("brain").copyFloats(1, values, 3);
                assertThat(values).containsExactly(-1.5f, 3.140625f, 65536f, 0f);
                second.release();
                file.tensor("brain").release();
                file.tensor("empty").release();
            }
        }
    }

    @Test
    void writtenBytesAreThoseOfTheReferenceImplementation() throws IOException {
        Path copy = directory.resolve("copy.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(REFERENCE)) {
            List<TensorEntry> tensors = new ArrayList<>(file.tensors().values()).reversed();
            SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
            tensors.forEach(tensor -> writer.add(tensor.name(), tensor.type(), tensor.shape(), tensor.data()));
            String sha256 = writer.write(copy);
            assertThat(sha256).isEqualTo(sha256(copy));
        }
        assertThat(copy).hasSameBinaryContentAs(REFERENCE);
        assertThat(directory.toFile().list()).containsExactly("copy.safetensors");
    }

    @Test
    void floatsBuffersAndSegmentsRoundTrip() throws IOException {
        Path file = directory.resolve("made.safetensors");
        ByteBuffer bytes = ByteBuffer.allocateDirect(10).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort((short) 7).putLong(-5L).flip().position(2);
        List<String> asked = new ArrayList<>();
        new SafetensorsWriter().add("x", List.of(3L, 1L), new float[]{1, 2, 3})
                .add("y", TensorType.I64, List.of(1L), bytes).add("z", TensorType.U8, List.of(2L), () -> {
                    asked.add("z");
                    return MemorySegment.ofArray(new byte[]{4, 5});
                }).write(file);
        assertThat(asked).containsExactly("z");
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.tensors().keySet()).containsExactly("y", "x", "z");
            assertThat(read.tensor("x").toFloats()).containsExactly(1, 2, 3);
            assertThat(read.tensor("y").data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong()).isEqualTo(-5);
            assertThat(read.metadata()).isEmpty();
        }
    }

    @Test
    void aFailedWriteLeavesTheOldFile() throws IOException {
        Path file = directory.resolve("kept.safetensors");
        new SafetensorsWriter().add("x", List.of(1L), new float[]{1}).write(file);
        byte[] before = Files.readAllBytes(file);
        SafetensorsWriter wrong = new SafetensorsWriter().add("x", List.of(2L), new float[]{1});
        assertThatThrownBy(() -> wrong.write(file)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'x'");
        assertThat(file).hasBinaryContent(before);
        assertThat(directory.toFile().list()).containsExactly("kept.safetensors");
    }

    @Test
    void aNameIsTakenOnce() {
        SafetensorsWriter writer = new SafetensorsWriter().add("x", List.of(1L), new float[]{1});
        assertThatThrownBy(() -> writer.add("x", List.of(1L), new float[]{2}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.add("__metadata__", List.of(1L), new float[]{2}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.add("y", List.of(-1L), new float[]{}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anUnalignedHeaderIsRead() throws IOException {
        Path file = write("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]} }", 4);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.tensor("a").toFloats()).hasSize(1);
        }
    }

    @Test
    void aFileWithoutTensorsIsReadAndWritten() throws IOException {
        Path file = directory.resolve("none.safetensors");
        new SafetensorsWriter().metadata("a", "b").write(file);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.tensors()).isEmpty();
            assertThat(read.metadata()).containsExactly(Map.entry("a", "b"));
        }
        try (SafetensorsFile read = SafetensorsFile.open(write("{}", 0))) {
            assertThat(read.tensors()).isEmpty();
        }
    }

    @Test
    void closingUnmaps() {
        SafetensorsFile file = SafetensorsFile.open(REFERENCE);
        TensorEntry tensor = file.tensor("b.float");
        file.close();
        assertThatThrownBy(tensor::toFloats).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void everyTruncationIsAUserProblemThatNamesTheFile() throws IOException {
        byte[] whole = Files.readAllBytes(REFERENCE);
        Path file = directory.resolve("short.safetensors");
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertInvalid(file, file.toString());
        }
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertInvalid(file, "truncated", "'flags'", "have " + whole.length + " bytes", "has " + (whole.length - 1));
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertInvalid(file, "its tensors end at byte " + whole.length);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}            | after a gap
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}} | inside
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}            | needs 8 bytes, but its data_offsets span 4
            {"a":{"dtype":"F4","shape":[16],"data_offsets":[0,8]}}            | 'F4'; supported are
            {"a":{"dtype":"f32","shape":[2],"data_offsets":[0,8]}}            | 'f32'; supported are
            {"__metadata__":[],"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}} | __metadata__ is not an object of strings
            {"__metadata__":"pt","a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}} | __metadata__ is not an object
            {"__metadata__":{"x":null}}                                       | metadata value of 'x'
            {"__metadata__":{},"__metadata__":{}}                             | occurs twice
            {"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}} x          | not valid JSON
            {"a":{"dtype":"F64","data_offsets":[0,8]}}                        | no valid shape
            {"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4,8]}}          | no valid shape
            {"a":null}                                                        | tensor 'a'
            null                                                              | not a JSON object
            {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}           | no valid shape
            {"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}          | no valid shape
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}            | no valid shape
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}              | no valid shape
            {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}} | larger than any file
            {"a":7}                                                           | tensor 'a'
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | not valid JSON
            {"__metadata__":{"x":1}}                                          | metadata value of 'x'
            {"a":                                                             | not valid JSON
            [1]                                                               | not a JSON object
            """)
    void aMalformedHeaderIsAUserProblem(String header, String message) throws IOException {
        assertInvalid(write(header, 8), message);
    }

    @Test
    void whatTheReferenceReaderTakesIsRead() throws IOException {
        for (String header : List.of("{\"__metadata__\":null,%s}", " {%s}", "\n{%s}", "{%s}\n ",
                "{\"__metadata__\":{\"a\":\"b\"},%s}")) {
            try (SafetensorsFile file = SafetensorsFile.open(write(
                    header.formatted("\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}"), 4))) {
                assertThat(file.tensors()).as(header).containsOnlyKeys("t");
            }
        }
        for (TensorType type : TensorType.values()) {
            try (SafetensorsFile file = SafetensorsFile.open(write("{\"t\":{\"dtype\":\"" + type
                    + "\",\"shape\":[3],\"data_offsets\":[0," + 3 * type.sizeBytes() + "]}}", 3 * type.sizeBytes()))) {
                assertThat(file.tensor("t").elements()).isEqualTo(3);
            }
        }
        String between = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\","
                + "\"shape\":[0],\"data_offsets\":[4,4]},\"c\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}";
        try (SafetensorsFile file = SafetensorsFile.open(write(between, 8))) {
            assertThat(file.tensors().keySet()).containsExactly("a", "b", "c");
        }
    }

    @Test
    void headersThatAreNotPlainUtf8AreRefused() throws IOException {
        String plain = "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        assertInvalid(write("\uFEFF" + plain, 4), "not valid JSON");
        byte[] bytes = Files.readAllBytes(write(plain.replace("t", "é"), 4));
        bytes[8 + plain.indexOf("t") + 1] = (byte) 0xFF;
        Path file = directory.resolve("latin.safetensors");
        Files.write(file, bytes);
        assertInvalid(file, "not text in UTF-8");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"version https://git-lfs.github.com/spec/v1 oid sha256:00 | a Git LFS pointer",
            "<!DOCTYPE html><html><body>404 | an HTML page", "PK\u0003\u0004archive/data.pkl | a zip archive",
            "GGUF\u0003\0\0\0 | a GGUF file", "%PDF-1.5 some text | a PDF document"})
    void otherKindsOfFilesAreCalledWhatTheyAre(String start, String name) throws IOException {
        Path file = directory.resolve("model.safetensors");
        Files.writeString(file, start + " ".repeat(40), StandardCharsets.ISO_8859_1);
        assertInvalid(file, "it is " + name);
    }

    @Test
    void anAbsurdHeaderLengthIsRefusedBeforeMemoryIsTaken() throws IOException {
        Path file = directory.resolve("absurd.safetensors");
        Files.write(file, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(-1L).array());
        assertInvalid(file, "18446744073709551615");
        Files.write(file, ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(99_000_000L).array());
        assertInvalid(file, "truncated");
        assertInvalid(directory.resolve("absent.safetensors"), "cannot be read");
    }

    private Path write(String header, int dataBytes) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        Path file = directory.resolve("made.safetensors");
        Files.write(file, ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length).put(text).array());
        return file;
    }

    private static void assertInvalid(Path file, String... messages) {
        assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.problem().kind()).isEqualTo(Problem.Kind.USER);
            assertThat(e.getMessage()).contains(messages);
        });
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
