package dev.luthier.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.luthier.core.json.Json;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FieldsTest {
    private static Fields fields(String json) {
        return Fields.of(Json.parse(json));
    }

    private static List<String> faults(Fields fields) {
        ApiFailure failure = catchThrowableOfType(ApiFailure.class, fields::finish);
        return failure == null
                ? List.of()
                : failure.faults().stream().map(fault -> fault.parameter() + " " + fault.code()).toList();
    }

    @Test
    void valuesAreReadByTypeAndAbsentOnesHaveTheirDefault() {
        Fields body = fields("""
                {"model": "m", "steps": 5.0, "rate": 1, "flag": true, "kind": "b", "gone": null, "files": ["x", "y"],
                 "inner": {"deep": 3}}""");
        assertThat(body.text("model").required()).isEqualTo("m");
        assertThat(body.integer("steps").atLeast(1).atMost(5).required()).isEqualTo(5);
        assertThat(body.number("rate").moreThan(0).atMost(1).orElse(7)).isEqualTo(1);
        assertThat(body.number("missing").atLeast(1).orElse(0.5)).isEqualTo(0.5);
        assertThat(body.bool("flag").orElse(false)).isTrue();
        assertThat(body.choice("kind", Map.of("a", 1, "b", 2)).orNull()).isEqualTo(2);
        assertThat(body.text("gone").orNull()).isNull();
        assertThat(body.integer("absent").orNull()).isNull();
        assertThat(body.list("files").stream().map(file -> file.text().required())).containsExactly("x", "y");
        assertThat(body.object("inner").integer("deep").orElse(0)).isEqualTo(3);
        assertThat(body.object("none").integer("deep").orElse(1)).isEqualTo(1);
        assertThatCode(body::finish).doesNotThrowAnyException();
    }

    @Test
    void aValueOfTheWrongTypeIsNotMissingAsWell() {
        Fields body = fields("{\"model\": 5, \"steps\": 123456789012345678901234567890, \"rate\": \"x\"}");
        body.text("model").required();
        body.integer("steps").required();
        body.number("rate").required();
        assertThat(faults(body)).containsExactly("model wrong_type", "steps out_of_range", "rate wrong_type");
    }

    @Test
    void everyFaultIsReportedAtOnceWithItsPlace() {
        Fields body = fields("""
                {"steps": "5", "rate": -1, "files": [{"weight": 0}, 3], "modle": "m", "suffix": "a b", "kind": "c",
                 "flag": 1, "inner": {"depth": 1}}""");
        body.text("model").required();
        body.integer("steps").orNull();
        body.number("rate").atLeast(0).orNull();
        for (FieldValue file : body.list("files")) {
            file.object().number("weight").moreThan(0).orElse(1);
        }
        body.text("suffix").matching(Pattern.compile("\\w*"), "hold only letters and digits").orNull();
        body.choice("kind", Map.of("a", 1)).orNull();
        body.bool("flag").orElse(false);
        body.object("inner").integer("deep").orNull();
        assertThat(faults(body)).containsExactlyInAnyOrder("model missing_field", "steps wrong_type",
                "rate out_of_range", "files[0].weight out_of_range", "files[1] wrong_type", "suffix invalid_value",
                "kind unknown_value", "flag wrong_type", "modle unknown_field", "inner.depth unknown_field");
    }

    @Test
    void unknownFieldsNameTheNearestKnownOne() {
        Fields body = fields("{\"hyperparameter\": {}, \"qqq\": 1}");
        body.object("hyperparameters");
        ApiFailure failure = catchThrowableOfType(ApiFailure.class, body::finish);
        assertThat(failure.faults()).extracting(Fault::message).containsExactly(
                "The field hyperparameter is unknown. Did you mean hyperparameters?", "The field qqq is unknown.");
    }

    @Test
    void numbersBeyondTheirTypeAreFaults() {
        Fields body = fields("{\"a\": 99999999999999999999, \"b\": 1e999, \"c\": 1.5, \"d\": 1e30}");
        body.integer("a").orNull();
        body.number("b").orNull();
        body.integer("c").orNull();
        body.integer("d").orNull();
        assertThat(faults(body)).containsExactly("a out_of_range", "b out_of_range", "c wrong_type", "d out_of_range");
    }

    @Test
    void whatIsNotBuiltIsRefusedByNameAndHarmlessValuesPass() {
        Fields body = fields("{\"a\": 1, \"b\": [], \"c\": [1], \"d\": false, \"e\": true, \"f\": null, \"user\": {}}");
        body.notBuilt("a", "");
        body.notBuiltUnlessEmpty("b", "");
        body.notBuiltUnlessEmpty("c", "");
        body.notBuiltUnless("d", false, "");
        body.notBuiltUnless("e", false, "");
        body.notBuilt("f", "");
        body.accept("user");
        assertThat(faults(body)).containsExactly("a not_built", "c not_built", "e not_built");
    }

    @Test
    void manyFaultsAreCountedAndTheFirstHundredKept() {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < 1000; i++) {
            json.append("\"field").append("x".repeat(200)).append(i).append("\":1,");
        }
        Fields body = fields(json.append("\"last\":1}").toString());
        ApiFailure failure = catchThrowableOfType(ApiFailure.class, body::finish);
        assertThat(failure.faults()).hasSize(100);
        assertThat(failure.total()).isEqualTo(1001);
        assertThat(failure.faults().getFirst().message()).hasSizeLessThan(150);
    }

    @Test
    void bodiesThatAreNoObjectsAreRefused() {
        for (String json : new String[]{"[]", "3", "\"x\"", "null"}) {
            assertThat(catchThrowableOfType(ApiFailure.class, () -> fields(json))).as(json)
                    .hasMessageStartingWith("The body must be a JSON object");
        }
    }
}
