"""Gates with training by preferences: Luthier's trainer beside TRL's DPOTrainer, the reference, resumed runs."""

import json
import math
import pathlib
import struct
from collections.abc import Callable

import torch
from transformers import AutoModelForCausalLM

from adapters import VARIANTS, save_random
from gates import Gates
from luthier import COMMANDS, TINY, Luthier, Recipe, steps_of
from reference import compute, load
from samples import Sample
from trl_training import PairCourse, Preference, train_pairs

STEPS = 50
WINDOW = 10
# What the first step's loss may be off the logarithm of two.
FIRST_LIMIT = {"fp32": 1e-6, "bf16": 5e-3}
BATCH = 8


def beside_dpo(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int]) -> None:
    """Both trainers from the same adapter, which is the reference, over the same pairs, with the same rates."""
    work.mkdir(parents=True)
    training, validation = work / "pairs.jsonl", work / "valid.jsonl"
    write_pairs(COMMANDS / "train.jsonl", BATCH * STEPS, training)
    write_pairs(COMMANDS / "valid.jsonl", 40, validation)
    recipe = Recipe(steps=STEPS, samples_per_step=BATCH, learning_rate=2e-4)
    tasks = {"sigmoid": Preference(), "with sft 0.5": Preference(0.1, 0.5), "normalised": Preference(1.0, 0.0, True)}
    for seed in seeds:
        start = work / f"start {seed}"
        save_random(AutoModelForCausalLM.from_pretrained(TINY, dtype=torch.float32), VARIANTS["rank 16"], seed, start)
        files = {"start_adapter": start, "training": training, "validation": validation}
        for name, task in tasks.items() if seed == seeds[0] else [("sigmoid", Preference())]:
            for type in ("fp32", "bf16") if name == "sigmoid" else ("fp32",):
                run = work / f"{name} {type} {seed}"
                luthier.write_run(run, VARIANTS["rank 16"], recipe, type, seed, task=task.json, **files)
                order = luthier.order(run)[0]
                pairs = list(zip(order[0::2], order[1::2], strict=True))
                luthier.train(run)
                compare(gates, run, f"luthier-tiny, {name}, {type}", task, type, seed,
                        lambda: train_pairs(TINY, start, pairs, task, recipe, "fp32", run / "trl"))  # fmt: skip
        check_reference(work / f"reference {seed}", luthier, gates, recipe, seed, files)
        check_resumed(work / f"resumed {seed}", luthier, gates, recipe, seed, files)


def write_pairs(chats: pathlib.Path, count: int, out: pathlib.Path) -> None:
    """Pairs of the right call and the call that belongs to the next command."""
    lines = [json.loads(line)["messages"] for line in chats.read_text().splitlines()]
    pairs = []
    for this, following in zip(lines, lines[1:] + lines[:1], strict=True):
        if this[-1] != following[-1]:
            pairs.append(
                {"input": {"messages": this[:-1]}, "preferred_output": this[-1:], "non_preferred_output": following[-1:]}
            )
    out.write_text("".join(json.dumps(pair) + "\n" for pair in pairs[:count]))


def compare(
    gates: Gates, run: pathlib.Path, subject: str, task: Preference, type: str, seed: int, theirs: Callable[[], PairCourse]
) -> None:
    """The first step of every run; in fp32 the whole course as well."""
    steps = steps_of(run)
    if not task.sft_weight:
        first = abs(steps[0]["loss"] - math.log(2))
        gates.at_most("first loss of a preference training = ln 2", subject, FIRST_LIMIT[type], first, f"seed {seed}")
    if type != "fp32":
        return
    course = theirs()
    ours = mean([step["loss"] for step in steps])
    expected = mean(course.loss)
    gates.at_most(f"loss after {STEPS} steps = DPOTrainer's, relative", subject, 0.01, abs(ours / expected - 1),
                  f"seed {seed}: {ours:.5f} and {expected:.5f}")  # fmt: skip
    if not task.length_normalized:  # TRL's rewards are never normalised
        ours = mean([step["figures"]["reward_margin"] for step in steps])
        expected = mean(course.chosen) - mean(course.rejected)
        gates.at_most(f"reward margin after {STEPS} steps = DPOTrainer's, relative", subject, 0.02,
                      abs(ours / expected - 1), f"seed {seed}: {ours:.5f} and {expected:.5f}")  # fmt: skip


def mean(values: list[float]) -> float:
    """Of the last steps."""
    return sum(values[-WINDOW:]) / WINDOW


def check_reference(
    run: pathlib.Path, luthier: Luthier, gates: Gates, recipe: Recipe, seed: int, files: dict[str, pathlib.Path]
) -> None:
    """The losses that a run keeps of the start adapter are PEFT's. They lie in the order of the file: all are compared
    in the order of their size."""
    luthier.write_run(run, VARIANTS["rank 16"], recipe, "fp32", seed, task=Preference().json, **files)
    order = luthier.order(run)[0]
    assert luthier.train_until(run, 1), f"{run} ended before it could be stopped"
    kept = (run / "encoded" / "reference-0.losses").read_bytes()
    ours = sorted(struct.unpack(f"<{len(kept) // 8}d", kept))
    model = load(TINY, files["start_adapter"])
    theirs = sorted(answer_losses(model, order))
    worst = max(abs(a / b - 1) for a, b in zip(ours, theirs, strict=True))
    gates.at_most("loss of an answer under the reference = PEFT's, relative", "luthier-tiny", 1e-4, worst, f"seed {seed}")


def answer_losses(model: torch.nn.Module, samples: list[Sample]) -> list[float]:
    """The sum of the losses of each sample's target tokens."""
    sums = []
    for sample in samples:
        sums.append(float(compute(model, [sample], gradients=False).nll.double().sum()))
    return sums


def check_resumed(
    work: pathlib.Path, luthier: Luthier, gates: Gates, recipe: Recipe, seed: int, files: dict[str, pathlib.Path]
) -> None:
    """A run that was stopped and gone on with ends with the bytes of an undisturbed one."""
    whole, stopped = work / "whole", work / "stopped"
    for run in (whole, stopped):
        luthier.write_run(run, VARIANTS["rank 16"], recipe, "bf16", seed, task=Preference().json, **files)
    luthier.train(whole)
    assert luthier.train_until(stopped, 10), f"{stopped} ended before it could be stopped"
    luthier.train(stopped)
    weights = [(run / "adapter" / "adapter_model.safetensors").read_bytes() for run in (whole, stopped)]
    different = sum(a != b for a, b in zip(*weights, strict=True))
    gates.at_most("resumed run = uninterrupted run, bytes that differ", "luthier-tiny, preference pairs", 0, different,
                  f"seed {seed}")  # fmt: skip
