"""Gates without training: losses, gradients and logits of models with an adapter that changes them."""

import pathlib

import torch
from transformers import AutoModelForCausalLM

from adapters import VARIANTS, save_random
from families import FAMILIES, VOCABULARY, save_model, title
from gates import Gates
from luthier import TINY, Luthier, Recipe, gradients_of, read, request
from reference import Reference, compute, load
from samples import Sample, random_samples, write_samples

# Shorter and longer than a block of 128 queries, a window of 64 and a row of 64.
LENGTHS = [300, 17, 129, 64, 5, 190]
TIERS = ["keep", "recompute_elementwise", "recompute_layers"]


def random_models(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int], quick: bool) -> None:
    """Every family, adapter and seed: losses and gradients in all memory tiers, served logits."""
    variants = dict(list(VARIANTS.items())[1::2]) if quick else VARIANTS
    for family in FAMILIES:
        for seed in seeds:
            folder = work / f"{family} {seed}"
            samples = random_samples(seed, VOCABULARY, LENGTHS)
            folder.mkdir(parents=True)
            write_samples(folder / "samples", samples)
            models = {tied: folder / f"tied {tied}" for tied in (True, False)}
            for tied, path in models.items():
                save_model(family, tied, seed, path)
            cases = {name: (models[index % 2 == seed % 2], folder / name) for index, name in enumerate(variants)}
            for name, (model, adapter) in cases.items():
                base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
                save_random(base, variants[name], seed, adapter)
            tiers = TIERS[:1] if quick else TIERS
            compare(folder, luthier, gates, f"{title(family)}, random", cases, samples, tiers)


def tiny_model(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int], quick: bool) -> None:
    """The trained model: all adapters and seeds, and what is left the same by the arrangement of samples."""
    variants = dict(list(VARIANTS.items())[1::2]) if quick else VARIANTS
    for seed in seeds:
        folder = work / str(seed)
        luthier.write_run(folder, VARIANTS["rank 16"], Recipe(steps=60), "fp32", seed)
        chosen = luthier.order(folder)[0][:24]
        luthier.train(folder)
        write_samples(folder / "samples", chosen)
        cases = {name: (TINY, folder / name) for name in variants}
        for name, adapter in variants.items():
            base = AutoModelForCausalLM.from_pretrained(TINY, dtype=torch.float32)
            save_random(base, adapter, seed, folder / name)
        compare(folder, luthier, gates, "luthier-tiny", cases, chosen, TIERS if not quick else TIERS[:1])
        arrangements(folder, luthier, gates, folder / "adapter", chosen, seed)


def compare(
    folder: pathlib.Path, luthier: Luthier, gates: Gates, subject: str,
    cases: dict[str, tuple[pathlib.Path, pathlib.Path]], samples: list[Sample], tiers: list[str],
) -> None:  # fmt: skip
    """Luthier's losses, gradients and logits for (model, adapter) pairs in fp32 against PEFT's.

    Losses per token are those of PEFT in fp64 (see arrangements()), the rest is in fp32 on both sides.
    """
    luthier.measure(
        [
            request(model, adapter, folder / "samples", folder / f"{name}.{tier}", tier=tier,
                    logits=len(samples) if tier == "keep" else 0)
            for name, (model, adapter) in cases.items()
            for tier in tiers
        ],
        folder,
    )  # fmt: skip
    for name, (model, adapter) in cases.items():
        expected = compute(load(model, adapter), samples)
        # Of the trained model with an adapter that is trained too: arrangements().
        exact = None if model == TINY else compute(load(model, adapter, "fp64"), samples, gradients=False).nll
        for tier in tiers:
            measured = read(folder / f"{name}.{tier}")
            case = f"{folder.name}, {name}, {tier}"
            compare_training(gates, subject, measured, expected, case)
            if exact is not None:
                losses = float((measured["nll"] - exact).abs().max())
                gates.at_most("loss per token, packed = padded, by PEFT in fp64, fp32", subject, 1e-5, losses, case)
            if tier == "keep":
                worst = max(
                    float((measured[f"logits.{index}"] - logits).abs().max())
                    for index, logits in enumerate(expected.logits)
                )
                gates.at_most("served logits = PEFT's, fp32, largest difference", subject, 1e-3, worst, case)


def compare_training(
    gates: Gates, subject: str, measured: dict[str, torch.Tensor], expected: Reference, case: str
) -> None:
    """Step-0 loss and gradients."""
    loss = abs(float(measured["loss"]) - expected.loss) / expected.loss
    gates.at_most("step-0 loss = PEFT's, fp32, relative", subject, 1e-4, loss, case)
    gradients = gradients_of(measured)
    assert gradients.keys() == expected.gradients.keys(), gradients.keys() ^ expected.gradients.keys()
    for name, gradient in expected.gradients.items():
        ours = gradients[name].double().flatten()
        theirs = gradient.double().flatten()
        cosine = float(ours @ theirs / (ours.norm() * theirs.norm()))
        error = float((ours - theirs).abs().max() / theirs.abs().max())
        gates.at_least("adapter gradients = autograd's, cosine", subject, 0.99999, cosine, f"{case}, {name}")
        gates.at_most("adapter gradients = autograd's, relative error", subject, 1e-3, error, f"{case}, {name}")


def arrangements(
    folder: pathlib.Path, luthier: Luthier, gates: Gates, adapter: pathlib.Path, samples: list[Sample], seed: int
) -> None:
    """Packed, with other neighbours, one by one, and padded (that is Hugging Face's batch), with a trained adapter.

    Padded losses are those of fp64: in fp32 PEFT's own are up to 7e-6 from them, as Luthier's are, so that both together
    come to the limit. In bf16 there is nothing padded to compare with: PEFT's own padded losses are further from its
    single ones, up to 0.08 nat, than the limit.
    """
    ways = ["packed", "reversed", "single"]
    luthier.measure(
        [
            request(TINY, adapter, folder / "samples", folder / f"{way}.{type}", type=type, arrangement=way)
            for way in ways
            for type in ("fp32", "bf16")
        ],
        folder,
    )
    padded = compute(load(TINY, adapter, "fp64"), samples, gradients=False).nll
    subject = "luthier-tiny, trained adapter"
    for type, limit in (("fp32", 1e-5), ("bf16", 2e-2)):
        found = {way: read(folder / f"{way}.{type}") for way in ways}
        losses = {way: tensors["nll"] for way, tensors in found.items()}
        pairs = {"one by one": losses["single"], "with other neighbours": losses["reversed"]}
        if type == "fp32":
            pairs["padded, by PEFT in fp64"] = padded
        for way, other in pairs.items():
            difference = float((losses["packed"] - other).abs().max())
            gates.at_most(f"loss per token, packed = {way}, {type}", subject, limit, difference, f"seed {seed}")
        if type == "fp32":
            whole, parts = gradients_of(found["packed"]), gradients_of(found["single"])
            for tensor, gradient in whole.items():
                error = float((parts[tensor] - gradient).abs().max() / gradient.abs().max())
                gates.at_most("accumulated gradients = whole batch's, fp32, relative", subject, 1e-5, error,
                              f"seed {seed}, {tensor}")  # fmt: skip
