"""Whether this checkout trains as fast as another one: both harnesses measure Luthier alone, in turn.

Each checkout must be built. Rounds are compared with the rounds of the same turn, so that both meet the same hours of
the machine.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def measure(checkout: Path, options: list[str]) -> dict[str, dict[str, float]]:
    """Mean tokens per second and peak bytes by data set, as one run of a checkout's own harness has them."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [checkout / "bench" / "run", "train", "--luthier-only", "--json", report, *options]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{checkout}: {done.stderr.strip()}")
        matches = json.loads(report.read_text(encoding="utf-8"))["matches"]
    figures = {}
    for match in matches:
        rounds = match["luthier"]["rounds"]
        rate = sum(r["tokens"] for r in rounds) / sum(r["seconds"] for r in rounds)
        figures[f"{match['plan']['shape']} {match['plan']['data']}"] = {
            "rate": rate,
            "peak": match["luthier"]["peakBytes"],
        }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run against", description=__doc__, allow_abbrev=False)
    parser.add_argument("other", type=Path, help="root of the other checkout")
    parser.add_argument("--turns", type=int, default=5, help="how often each runs (%(default)s)")
    arguments, options = parser.parse_known_args()
    turns = []
    for turn in range(1, arguments.turns + 1):
        # Who begins changes, so that neither always follows the other's heat.
        order = [HERE, arguments.other.resolve()]
        made = {checkout: measure(checkout, options) for checkout in (order if turn % 2 else order[::-1])}
        turns.append((made[order[0]], made[order[1]]))
        for name, here in turns[-1][0].items():
            there = turns[-1][1][name]
            print(
                f"{name}, turn {turn}: {here['rate']:.0f} beside {there['rate']:.0f} tokens/s,"
                f" {here['peak'] / 1e9:.2f} beside {there['peak'] / 1e9:.2f} GB",
                flush=True,
            )
    for name in turns[0][0]:
        ratios = [here[name]["rate"] / there[name]["rate"] for here, there in turns]
        peaks = [here[name]["peak"] / there[name]["peak"] for here, there in turns]
        print(
            f"{name}: {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}) times as fast,"
            f" {statistics.median(peaks):.2f} of the memory"
        )


if __name__ == "__main__":
    main()
