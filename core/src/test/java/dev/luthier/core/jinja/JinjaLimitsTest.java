package dev.luthier.core.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.core.jinja.run.Rendering;
import dev.luthier.core.jinja.value.Limits;
import dev.luthier.core.jinja.value.Value;
import dev.luthier.core.problem.Problem;
import dev.luthier.core.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Templates that mean harm, or are broken, end in a problem; never in another exception, and within their bounds. */
final class JinjaLimitsTest {
    private static final Limits SMALL = new Limits(200_000, 1 << 16, 10_000, Limits.DEFAULT.depth());
    /** Less than any thread of the program has. */
    private static final long STACK_BYTES = 512 << 10;

    static Stream<String> bombs() {
        return Stream.of("{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
                "{{ " + "[".repeat(5000) + "]".repeat(5000) + " }}", "{{ " + "not ".repeat(50_000) + "1 }}",
                "{{ " + "-".repeat(50_000) + "1 }}", "{{ " + "1 if 1 else ".repeat(20_000) + "1 }}",
                "{{ 1" + " + 1".repeat(20_000) + " }}", "{{ x" + ".a".repeat(20_000) + " }}",
                "{{ x" + "|list".repeat(20_000) + " }}", "{{ x" + "(x".repeat(5000) + ")".repeat(5000) + " }}",
                "{% if 1 %}".repeat(5000) + "{% endif %}".repeat(5000), "{% for i in [1] %}".repeat(5000),
                "{{ {1:".repeat(1) + "{1:".repeat(5000) + " }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
                "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
                "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{% macro m(n) %}{% if n %}{% for i in [1] %}{% set x %}{{ m(n) }}{% endset %}{% endfor %}{% endif %}"
                        + "{% endmacro %}{{ m(1) }}",
                "{{ range(1000000000) | list }}", "{{ range(10 ** 30) }}",
                "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
                "{{ 'x' * 1000000000 }}", "{{ [1] * 1000000000 }}", "{{ '' * 10 ** 12 ~ 'x' * 10 ** 12 }}",
                "{% set ns = namespace(s='xx') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
                "{% set ns = namespace(s='xx') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s=['x']) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                bomb("{{ ns.s }}"), bomb("{{ ns.s | tojson }}"), bomb("{{ ns.s == ns.t }}"), bomb("{{ ns.s < ns.t }}"),
                bomb("{{ ns.s | string | length }}"), bomb("{{ [ns.s, ns.t] | sort }}"), bomb("{{ '%s' % (ns.s,) }}"),
                bomb("{{ [ns.s, ns.t] | min }}"), bomb("{{ ns.t in [ns.s] }}"), bomb("{{ '{}'.format(ns.s) }}"),
                "{% set ns = namespace(s=1) %}{% for i in range(5000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
                "{% set ns = namespace(s=1) %}{% for i in range(5000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s | tojson }}",
                "{{ '%999999999d' % 1 }}", "{{ '%.999999999f' % 1.5 }}", "{{ '{:999999999d}'.format(1) }}",
                "{{ '{:.999999f}'.format(1.5) }}", "{{ 'x'.center(1000000000) }}", "{{ 'x'.ljust(1000000000) }}",
                "{{ 'x'.zfill(1000000000) }}", "{{ 'x' | center(1000000000) }}", "{{ 'a' | indent(1000000000) }}",
                "{{ [1] | tojson(indent=1000000000) }}", "{{ 1.5 | round(1000000000) }}", "{{ 10 ** (10 ** 10) }}",
                "{{ (10 ** 4000) ** 4 }}", "{{ [1] | batch(1000000000, 0) | list }}",
                "{{ [1] | slice(1000000000) | list }}",
                "{{ ('x' * 60000).replace('', 'y' * 60000) }}", "{{ ('x' * 60000) | replace('x', 'y' * 60000) }}",
                "{{ ('y' * 60000).join('x' * 60000) }}", "{{ ('x' * 60000) | join('y' * 60000) }}",
                "{% for i in range(100) %}{{ 'x' * 60000 }}{% endfor %}",
                "{% macro m() %}{{ 'x' * 60000 }}{{ 'x' * 60000 }}{% endmacro %}{% set x = m() %}",
                "{{ 'x' * 60000 ~ 'x' * 60000 }}",
                "{% filter upper %}" + "{{ 'x' * 60000 }}".repeat(3) + "{% endfilter %}",
                "{% set ns = namespace(f='x') %}{% for i in range(5000) %}{% set ns.f = ns.f | map('string') %}{% endfor %}"
                        + "{{ ns.f | list }}");
    }

    /** A small value that is enormous when written out: every level holds the one below twice. */
    private static String bomb(String use) {
        return "{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}"
                + "{% set ns.t = [ns.t, ns.t] %}{% endfor %}" + use;
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void bombsEndInAProblem(String template) throws InterruptedException {
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = new Thread(null, () -> outcome.set(outcome(template, SMALL)), "bomb", STACK_BYTES);
        thread.start();
        thread.join(java.time.Duration.ofSeconds(60));
        assertThat(outcome.get()).isInstanceOf(ProblemException.class);
        Problem problem = ((ProblemException) outcome.get()).problem();
        assertThat(problem.kind()).isEqualTo(Problem.Kind.USER);
        assertThat(problem.message()).startsWith("Chat template, line 1: ")
                .hasSizeLessThan(400).doesNotContain("stack of the thread");
    }

    private static Object outcome(String template, Limits limits) {
        try {
            return JinjaTemplate.compile(template).render(Map.of("x", new Value.Str("x")),
                    () -> LocalDateTime.of(2026, 11, 21, 0, 0), limits);
        } catch (ProblemException | StackOverflowError | OutOfMemoryError fault) {
            return fault;
        }
    }

    @Test
    void macrosMayCallThemselvesAHundredTimes() {
        String template = "{% macro m(n) %}{% if n > 0 %}{{ n }} {{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}";
        assertThat(outcome(template, Limits.DEFAULT)).isInstanceOf(Rendering.class);
    }

    @Test
    void brokenTemplatesEndInAProblem() throws IOException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
        List<String> pieces = List.of("{{", "}}", "{%", "%}", "{#", "#}", "-", "(", ")", "[", "]", "'", "\"", "|", ".",
                " if ", " else ", " in ", " not ", "endif", "endfor", "1", "x", ":", ",", "~", "\n", "\\", "is ", "**");
        for (String name : List.of("qwen3", "llama-3.1", "mistral-7b-v0.3", "hermes-macro", "zephyr")) {
            String source = source(name);
            for (int round = 0; round < 50; round++) {
                StringBuilder broken = new StringBuilder(source);
                for (int i = 0; i < 1 + random.nextInt(3); i++) {
                    int at = random.nextInt(broken.length());
                    int end = Math.min(broken.length(), at + random.nextInt(6));
                    broken.replace(at, end, random.nextBoolean() ? "" : pieces.get(random.nextInt(pieces.size())));
                }
                assertThat(outcome(broken.toString(), SMALL)).as("%s, round %d, seed 42:%n%s", name, round, broken)
                        .isInstanceOfAny(Rendering.class, ProblemException.class);
            }
        }
    }

    private String source(String name) throws IOException {
        try (var in = Objects
                .requireNonNull(getClass().getResourceAsStream("/golden/chat/templates/" + name + ".jinja"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whatIsNotSupportedIsRefusedWithNameAndLine() {
        for (String tag : List.of("extends 'a'", "include 'a'", "import 'a' as b", "from 'a' import b", "block a",
                "autoescape true", "do x", "trans")) {
            assertThatThrownBy(() -> JinjaTemplate.compile("a\n\n{% " + tag + " %}"))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("line 3").hasMessageContaining("'" + tag.split(" ", -1)[0] + "'");
        }
        assertThatThrownBy(() -> JinjaTemplate.compile("{{ x\n | urlize }}"))
                .hasMessage("Chat template, line 2: The filter 'urlize' is not supported.");
        assertThatThrownBy(() -> JinjaTemplate.compile("{% if x is nope %}{% endif %}"))
                .hasMessage("Chat template, line 1: The test 'nope' is not supported.");
    }

    @Test
    void faultsTellTheirLine() {
        assertThat(((ProblemException) outcome("a\n{% if true %}\n\n  {{ y.z }}{% endif %}", SMALL)).problem())
                .isEqualTo(Problem.user("chat_template_failure", "Chat template, line 4: 'y' is undefined."));
        assertThat(
                ((ProblemException) outcome("{% macro m() %}\n{{ 1 / 0 }}{% endmacro %}\n\n{{ m() }}", SMALL)).problem()
                        .message())
                .isEqualTo("Chat template, line 2: Division by zero.");
        assertThat(((ProblemException) outcome("\n{{ raise_exception('No!') }}", SMALL)).problem())
                .isEqualTo(Problem.user("chat_template_refusal", "No! (raised by the chat template, line 2)"));
    }
}
