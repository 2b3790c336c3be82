"""Equal mathematics: Luthier beside Hugging Face transformers, PEFT and TRL.

Started by `bench/run parity`, which also prepares the Python packages.
"""

import argparse
import concurrent.futures
import datetime
import importlib.metadata
import json
import math
import multiprocessing
import os
import pathlib
import platform
import sys
import tempfile
import time
import traceback
import warnings

from gates import Gates, write_between

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

MARKER = "bench/run parity"
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
PARTS = ["random", "tiny", "trl", "preference", "classifier", "exported", "resumed", "quantized"]


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench/run parity", description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--seeds", default="1,2,3", help="whole numbers, separated by commas (default 1,2,3)")
    parser.add_argument("--steps", type=int, default=200, help="steps of training beside TRL, from 50 (default 200)")
    parser.add_argument("--threads", type=int, default=1, help="threads of either side (default 1: models are small)")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts to run (default {','.join(PARTS)})")
    parser.add_argument("--quick", action="store_true", help="one seed, 50 steps, fewer adapters, one memory tier")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="writes all gates as JSON as well")
    parser.add_argument("--write-docs", action="store_true", help="writes the table into docs/benchmarks.md")
    chosen = parser.parse_args()
    if chosen.steps < 50 or chosen.threads < 1:
        parser.error("--steps must be at least 50 and --threads at least 1")
    try:
        chosen.seeds = [int(seed) for seed in chosen.seeds.split(",")]
    except ValueError:
        parser.error(f"--seeds must be whole numbers separated by commas, not {chosen.seeds}")
    chosen.only = chosen.only.split(",")
    if not set(chosen.only) <= set(PARTS):
        parser.error(f"--only takes {', '.join(PARTS)}, separated by commas")
    complete = chosen.only == PARTS and chosen.steps == 200 and len(set(chosen.seeds)) >= 3 and not chosen.quick
    if chosen.write_docs and not complete:
        parser.error("--write-docs needs all parts, three seeds and 200 steps: leave out --quick, --only and --steps")
    if chosen.quick:
        chosen.seeds, chosen.steps = chosen.seeds[:1], 50
    return chosen


def cpu() -> str:
    """The processor's name."""
    info = pathlib.Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].split(":", 1)[1].strip() if names else platform.processor() or platform.machine()


def measure(part: str, work: pathlib.Path, chosen: argparse.Namespace) -> Gates:
    """Runs one part, in a process of its own; a part that breaks off is a gate that fails."""
    warnings.filterwarnings("ignore")
    import torch  # after the settings of its environment
    import transformers

    from classifier_checks import classifiers
    from luthier import Luthier, Recipe
    from preference_checks import beside_dpo
    from quantized_base import quantized_base
    from static_checks import random_models, tiny_model
    from training_checks import beside_trl, exported_variants, resumed

    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(chosen.threads)
    luthier, gates = Luthier(chosen.threads), Gates()
    run = {
        "random": lambda: random_models(work, luthier, gates, chosen.seeds, chosen.quick),
        "tiny": lambda: tiny_model(work, luthier, gates, chosen.seeds, chosen.quick),
        "trl": lambda: beside_trl(work, luthier, gates, chosen.seeds, Recipe(steps=chosen.steps)),
        "preference": lambda: beside_dpo(work, luthier, gates, chosen.seeds),
        "classifier": lambda: classifiers(work, luthier, gates, chosen.seeds),
        "exported": lambda: exported_variants(work, luthier, gates, chosen.seeds),
        "resumed": lambda: resumed(work, luthier, gates, chosen.seeds),
        "quantized": lambda: quantized_base(work, luthier, gates, chosen.seeds, Recipe(steps=chosen.steps)),
    }
    try:
        run[part]()
    except (Exception, SystemExit) as failure:
        traceback.print_exc()
        gates.at_most("part runs to its end", part, 0, math.nan, str(failure).partition("\n")[0])
    return gates


def measure_all(chosen: argparse.Namespace) -> Gates:
    """Runs the parts, as many side by side as there are processors for."""
    started = time.time()
    gates = Gates()
    with (
        tempfile.TemporaryDirectory(prefix="luthier-parity-") as folder,
        concurrent.futures.ProcessPoolExecutor(
            max(1, (os.cpu_count() or 1) // chosen.threads),
            mp_context=multiprocessing.get_context("spawn"),
            max_tasks_per_child=1,
        ) as processes,
    ):
        parts = {part: processes.submit(measure, part, pathlib.Path(folder) / part, chosen) for part in chosen.only}
        for part, measured in parts.items():
            gates.all |= measured.result().all
            print(f"[{time.time() - started:5.0f} s] {part} is done", file=sys.stderr, flush=True)
    return gates


def main() -> int:
    """Runs all gates; 0 if all pass, 1 if one fails."""
    chosen = options()
    started = time.time()
    gates = measure_all(chosen)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("torch", "transformers", "peft", "trl")
    )
    verdict = "All gates pass." if gates.passed else "Not all gates pass."
    command = " ".join(["bench/run parity", *sys.argv[1:]])
    threads = "1 thread" if chosen.threads == 1 else f"{chosen.threads} threads"
    heading = (
        f"{verdict} Made by `{command}` on {datetime.date.today()}: {cpu()}, {threads}, {versions}; "
        f"seeds {', '.join(map(str, chosen.seeds))}; {time.time() - started:.0f} s."
    )
    report = f"{heading}\n\n{gates.table()}"
    print(report)
    if chosen.json:
        chosen.json.write_text(json.dumps({"command": command, "versions": versions, "gates": gates.json()}, indent=2))
    if chosen.write_docs:
        write_between(DOCUMENT, MARKER, report)
    return 0 if gates.passed else 1


if __name__ == "__main__":
    sys.exit(main())
