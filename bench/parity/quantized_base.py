"""Gate of the quantised base: what is lost by training on 4-bit weights."""

import pathlib

from adapters import VARIANTS
from gates import Gates
from luthier import Luthier, Recipe, progress

TRAINING_TEXT = (77001, 1600)
HELDOUT_TEXT = (77002, 200)


def quantized_base(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int], recipe: Recipe) -> None:
    """Held-out loss after training on an nf4 base and on the bf16 base it was made from.

    The text is of the kind that luthier-tiny knows. A new task would not do: while its loss falls a hundredfold, any
    change of the base, better or worse, moves the end by several percent.
    """
    work.mkdir(parents=True)
    files = {"training": work / "training.jsonl", "validation": work / "validation.jsonl"}
    for name, (seed, documents) in {"training": TRAINING_TEXT, "validation": HELDOUT_TEXT}.items():
        luthier.run("bench", "parity", "text", seed, documents, files[name])
    for seed in seeds:
        losses = {base: heldout_loss(work / f"{base} {seed}", base, files, luthier, seed, recipe) for base in
                  ("none", "nf4")}  # fmt: skip
        difference = abs(losses["nf4"] - losses["none"]) / losses["none"]
        gates.at_most(
            f"held-out loss on the nf4 base after {recipe.steps} steps = on the bf16 base, relative",
            "luthier-tiny, bf16", 0.01, difference, f"seed {seed}: {losses['nf4']:.5f} and {losses['none']:.5f}",
        )  # fmt: skip


def heldout_loss(
    run: pathlib.Path, quantization: str, files: dict[str, pathlib.Path], luthier: Luthier, seed: int, recipe: Recipe
) -> float:
    """Trains a run from a fresh adapter; the loss that it reports at its end."""
    luthier.write_run(
        run, VARIANTS["rank 16"], recipe, "bf16", seed, numerics={"quantization": quantization},
        training=files["training"], validation=files["validation"],
    )  # fmt: skip
    luthier.train(run)
    return progress(run, "metric")[-1]["validLoss"]
