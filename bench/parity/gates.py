"""Gates: what is measured, its limit, and the worst value found; and the table of them."""

import dataclasses
import math
import pathlib


@dataclasses.dataclass
class Gate:
    """One line of the table.

    `subject` says what it was measured on, `cases` how often; `measured` is the worst of them. A gate with `at_least`
    holds a value up, any other one holds it down.
    """

    name: str
    subject: str
    limit: float
    at_least: bool = False
    measured: float = math.nan
    worst_case: str = ""
    cases: int = 0

    @property
    def passed(self) -> bool:
        """Whether something was measured and all of it lies within the limit."""
        if self.cases == 0 or math.isnan(self.measured):
            return False
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def add(self, value: float, case: str) -> None:
        """Takes in one more value; NaN is worse than everything."""
        worse = math.isnan(value) or (value < self.measured if self.at_least else value > self.measured)
        if self.cases == 0 or (worse and not math.isnan(self.measured)):
            self.measured, self.worst_case = value, case
        self.cases += 1


class Gates:
    """All gates of a run, in the order in which they were first asked for."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, str], Gate] = {}

    def at_most(self, name: str, subject: str, limit: float, value: float, case: str) -> None:
        """Measures a value that must not exceed the limit."""
        self.all.setdefault((name, subject), Gate(name, subject, limit)).add(value, case)

    def at_least(self, name: str, subject: str, limit: float, value: float, case: str) -> None:
        """Measures a value that must not fall below the limit."""
        self.all.setdefault((name, subject), Gate(name, subject, limit, at_least=True)).add(value, case)

    @property
    def passed(self) -> bool:
        """Whether there are gates and all of them pass."""
        return bool(self.all) and all(gate.passed for gate in self.all.values())

    def table(self) -> str:
        """All gates as a Markdown table."""
        lines = ["| gate | measured on | cases | limit | worst | |", "|---|---|---|---|---|---|"]
        for gate in self.all.values():
            sign = "≥" if gate.at_least else "≤"
            verdict = "pass" if gate.passed else f"**fail** ({gate.worst_case})"
            lines.append(
                f"| {gate.name} | {gate.subject} | {gate.cases} | {sign} {number(gate.limit)} "
                f"| {number(gate.measured)} | {verdict} |"
            )
        return "\n".join(lines)

    def json(self) -> list[dict[str, object]]:
        """All gates as plain values; JSON has no NaN."""
        return [
            dataclasses.asdict(gate)
            | {"measured": None if math.isnan(gate.measured) else gate.measured, "passed": gate.passed}
            for gate in self.all.values()
        ]


def number(value: float) -> str:
    """Short and exact enough to compare with a limit."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return f"{value:.2g}"


def write_between(document: pathlib.Path, marker: str, text: str) -> None:
    """Replaces what stands between `<!-- MARKER -->` and `<!-- end of MARKER -->` in a document."""
    start, end = f"<!-- {marker} -->", f"<!-- end of {marker} -->"
    content = document.read_text()
    if content.count(start) != 1 or content.count(end) != 1:
        raise SystemExit(f"{document} needs one line '{start}' and, below it, one line '{end}'")
    before, rest = content.split(start)
    document.write_text(f"{before}{start}\n{text}\n{end}{rest.split(end)[1]}")
