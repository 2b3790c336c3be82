"""Gates with training: Luthier's trainer beside TRL and PEFT, exported adapters, resumed runs."""

import dataclasses
import pathlib

import torch
from transformers import AutoModelForCausalLM

from adapters import ALL_LINEAR, VARIANTS, Adapter, save_fresh
from gates import Gates
from luthier import COMMANDS, TINY, Luthier, Recipe, progress, read, request, steps_of
from reference import compute, load
from samples import Sample, write_samples
from trl_training import rate, train

DROP_LIMIT = {"fp32": 0.005, "bf16": 0.015}
WINDOW = 10
SERVED = 32
# Samples that a resumed run sees more than once, and room on disk for a part of them.
REPEATED = 200
REUSE_BYTES = 1_500_000


@dataclasses.dataclass
class Course:
    """The loss of each step of a run, and the adapter it ended with."""

    losses: list[float]
    adapter: pathlib.Path

    def drop(self, steps: int) -> float:
        """How far the loss fell in the first steps: from the first to the mean of the last ten of them."""
        return self.losses[0] - sum(self.losses[steps - WINDOW : steps]) / WINDOW


def beside_trl(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int], recipe: Recipe) -> None:
    """Both trainers from the same adapter, over the same samples, with the same rates."""
    for seed in seeds:
        folder = work / str(seed)
        adapter = VARIANTS["rank 16"]
        save_fresh(AutoModelForCausalLM.from_pretrained(TINY, dtype=torch.float32), adapter, seed, folder / "start")
        for type, limit in DROP_LIMIT.items():
            run = folder / type
            luthier.write_run(run, adapter, recipe, type, seed, folder / "start")
            order, heldout = luthier.order(run)
            luthier.train(run)
            steps = steps_of(run)
            for step in steps:
                assert abs(step["learningRate"] - rate(recipe, int(step["step"]))) < 1e-9, step
            ours = Course([step["loss"] for step in steps], run / "adapter")
            theirs = Course(train(TINY, folder / "start", order, recipe, type, run / "trl"), run / "trl" / "adapter")
            compare_courses(gates, ours, theirs, limit, f"luthier-tiny, {type}", seed, recipe)
            compare_heldout(gates, ours, theirs, heldout, run, type, seed)
            exported(run, luthier, gates, "rank 16", ours.adapter, heldout, [type], seed)


def compare_courses(
    gates: Gates, ours: Course, theirs: Course, limit: float, subject: str, seed: int, recipe: Recipe
) -> None:
    """The drop in loss after 50 steps and after all of them."""
    for steps in sorted({min(50, recipe.steps), recipe.steps}):
        difference = abs(ours.drop(steps) / theirs.drop(steps) - 1)
        case = f"seed {seed}: {ours.drop(steps):.5f} and {theirs.drop(steps):.5f}"
        gates.at_most(f"drop in loss after {steps} steps = TRL's, relative", subject, limit, difference, case)


def compare_heldout(
    gates: Gates, ours: Course, theirs: Course, heldout: list[Sample], run: pathlib.Path, type: str, seed: int
) -> None:
    """Loss over the validation samples: of both adapters in PEFT, and as Luthier itself reports it."""
    expected = compute(load(TINY, theirs.adapter), heldout, gradients=False).loss
    found = compute(load(TINY, ours.adapter), heldout, gradients=False).loss
    reported = progress(run, "metric")[-1]["validLoss"]
    case = f"seed {seed}: {found:.5f} and {expected:.5f}, reported {reported:.5f}"
    subject = f"luthier-tiny, {type}"
    gates.at_most(
        "held-out loss of the adapter = TRL's, relative", subject, 0.01, abs(found - expected) / expected, case
    )
    gates.at_most(
        "held-out loss as reported = TRL's, relative", subject, 0.01, abs(reported - expected) / expected, case
    )


def exported(
    folder: pathlib.Path, luthier: Luthier, gates: Gates, name: str, adapter: pathlib.Path, samples: list[Sample],
    types: list[str], seed: int,
) -> None:  # fmt: skip
    """The logits of a trained adapter, served by Luthier and computed by PEFT from the exported files."""
    samples = samples[:SERVED]
    write_samples(folder / "heldout", samples)
    luthier.measure(
        [
            request(TINY, adapter, folder / "heldout", folder / f"served {type}", type=type, logits=len(samples))
            for type in types
        ],
        folder,
    )
    for type in types:
        served = read(folder / f"served {type}")
        expected = compute(load(TINY, adapter, type), samples, gradients=False).logits
        ours = torch.cat([served[f"logits.{index}"] for index in range(len(samples))])
        theirs = torch.cat(expected)
        subject = f"luthier-tiny, {name}"
        if type == "fp32":
            difference = float((ours - theirs).abs().max())
            gates.at_most("exported adapter's logits in PEFT, fp32, largest difference", subject, 1e-3, difference,
                          f"seed {seed}")  # fmt: skip
        else:
            agreement = float((ours.argmax(-1) == theirs.argmax(-1)).float().mean())
            gates.at_least("exported adapter's best tokens in PEFT, bf16, agreement", subject, 0.99, agreement,
                           f"seed {seed}")  # fmt: skip


def exported_variants(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int]) -> None:
    """Adapters of other shapes, trained by Luthier from its own start until most best tokens are clear."""
    recipe = Recipe(steps=200)
    shapes = {name: VARIANTS[name] for name in ("rsLoRA", "attention only", "top layers")}
    # luthier-tiny has rows of zeros in q_proj and k_proj, whose length PEFT's DoRA divides by.
    shapes["DoRA without q, k"] = dataclasses.replace(VARIANTS["DoRA"], targets=ALL_LINEAR[2:])
    for name, adapter in shapes.items():
        for seed in seeds:
            run = work / f"{name} {seed}"
            luthier.write_run(run, adapter, recipe, "fp32", seed)
            heldout = luthier.order(run)[1]
            luthier.train(run)
            exported(run, luthier, gates, name, run / "adapter", heldout, ["fp32", "bf16"], seed)


def resumed(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int]) -> None:
    """A run that was stopped and gone on with ends with the bytes of an undisturbed one."""
    recipe = Recipe(steps=60)
    work.mkdir(parents=True)
    data = work / "training.jsonl"
    data.write_text("".join((COMMANDS / "train.jsonl").read_text().splitlines(keepends=True)[:REPEATED]))
    kinds: dict[str, tuple[Adapter, dict[str, object]]] = {
        "bf16": (VARIANTS["rank 16"], {}),
        "DoRA on an nf4 base": (VARIANTS["DoRA"], {"quantization": "nf4"}),
        "top layers, reused below": (VARIANTS["top layers"], {"reuseBytes": REUSE_BYTES}),
    }
    for name, (adapter, numerics) in kinds.items():
        for seed in seeds:
            whole, stopped = work / f"{name}, whole {seed}", work / f"{name}, stopped {seed}"
            for run in (whole, stopped):
                luthier.write_run(run, adapter, recipe, "bf16", seed, numerics=numerics, training=data)
            luthier.train(whole)
            assert luthier.train_until(stopped, 10), f"{stopped} ended before it could be stopped"
            luthier.train(stopped)
            weights = [(run / "adapter" / "adapter_model.safetensors").read_bytes() for run in (whole, stopped)]
            different = sum(a != b for a, b in zip(*weights, strict=True))
            gates.at_most("resumed run = uninterrupted run, bytes that differ", f"luthier-tiny, {name}", 0, different,
                          f"seed {seed}")  # fmt: skip
