"""Luthier's programs, run as users run them, and the files they read and write."""

import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import torch
from safetensors.torch import load_file

from adapters import Adapter
from samples import Sample, read_samples

ROOT = pathlib.Path(__file__).resolve().parents[2]
TINY = ROOT / "models" / "luthier-tiny"
COMMANDS = ROOT / "examples" / "commands"
NOTHING: Mapping[str, object] = MappingProxyType({})
SUPERVISED: Mapping[str, object] = MappingProxyType({"type": "supervised"})


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The settings of a training run that both sides share."""

    steps: int
    samples_per_step: int = 8
    learning_rate: float = 1e-3
    warmup_fraction: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    max_gradient_norm: float = 1.0


class Luthier:
    """Starts programs of Luthier with a number of threads."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Starts a program; its output is kept for the message of a failure."""
        return subprocess.Popen(
            [str(ROOT / "luthier"), *map(str, arguments)],
            env=os.environ | {"OMP_NUM_THREADS": str(self.threads)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: object) -> None:
        """Runs a program to its end; its failure ends this one."""
        finish(self.start(*arguments))

    def write_run(
        self, folder: pathlib.Path, adapter: Adapter, recipe: Recipe, base_type: str, seed: int,
        start_adapter: pathlib.Path | None = None, numerics: Mapping[str, object] = NOTHING,
        training: pathlib.Path = COMMANDS / "train.jsonl", validation: pathlib.Path = COMMANDS / "valid.jsonl",
        task: Mapping[str, object] = SUPERVISED,
    ) -> None:  # fmt: skip
        """Makes a run directory that trains luthier-tiny; `numerics` are settings other than the plain ones."""
        folder.mkdir(parents=True)
        spec = {
            "version": 2,
            "task": dict(task),
            "baseModel": str(TINY),
            "startAdapter": None if start_adapter is None else str(start_adapter),
            "trainingFiles": [{"path": str(training), "weight": 1, "sha256": ""}],
            "validationFiles": [{"path": str(validation), "weight": 1, "sha256": ""}],
            "lora": {
                "rank": adapter.rank, "alpha": adapter.alpha, "targets": adapter.targets, "rsLora": adapter.rslora,
                "dora": adapter.dora, "topLayers": adapter.top_layers,
            },
            "optimizer": {
                "steps": recipe.steps, "learningRate": recipe.learning_rate, "weightDecay": 0,
                "warmupFraction": recipe.warmup_fraction, "beta1": recipe.beta1, "beta2": recipe.beta2,
                "epsilon": recipe.epsilon, "maxGradientNorm": recipe.max_gradient_norm,
            },
            "batch": {
                "samplesPerStep": recipe.samples_per_step, "maxSampleTokens": 1024, "microBatchTokens": 1024,
                "skipInvalidShare": 0,
            },
            "numerics": {
                "baseType": base_type, "quantization": "none", "device": "cpu", "threads": self.threads,
                "memoryTier": "keep", "reuseBytes": 0, **numerics,
            },
            "seed": seed,
        }  # fmt: skip
        (folder / "run.json").write_text(json.dumps(spec, indent=2))

    def order(self, folder: pathlib.Path) -> tuple[list[Sample], list[Sample]]:
        """The samples that the steps of a run see, one after another, and those of its validation."""
        self.run("bench", "parity", "order", folder, folder / "order")
        training, validation = (folder / "order" / f"{part}.safetensors" for part in ("training", "validation"))
        return read_samples(training), read_samples(validation)

    def train(self, folder: pathlib.Path) -> None:
        """Trains a run directory to the end."""
        self.run("train", folder)
        outcome = (folder / "outcome.json").read_text()
        if '"trained"' not in outcome:
            raise SystemExit(f"{folder} was not trained: {outcome}")

    def train_until(self, folder: pathlib.Path, step: int) -> bool:
        """Trains until a step is done, then asks the trainer to stop; whether it stopped before the end."""
        process = self.start("train", folder)
        while process.poll() is None and len(steps_of(folder)) < step:
            time.sleep(0.005)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        finish(process, allowed=(0, 128 + signal.SIGTERM))
        return '"paused"' in (folder / "outcome.json").read_text()

    def measure(self, requests: Iterable[dict[str, object]], folder: pathlib.Path) -> None:
        """Makes measurements of the engine; each is written to the file that its request names."""
        file = folder / "requests.json"
        file.write_text(json.dumps(list(requests), default=str))
        self.run("bench", "parity", "measure", file)


def finish(process: subprocess.Popen[str], allowed: tuple[int, ...] = (0,)) -> None:
    """Waits for a program; a status that is not allowed ends this one."""
    output, _ = process.communicate()
    if process.returncode not in allowed:
        raise SystemExit(f"{process.args!r} ended with status {process.returncode}:\n{output}")


def request(
    model: pathlib.Path, adapter: pathlib.Path, samples: pathlib.Path, out: pathlib.Path, *, type: str = "fp32",
    tier: str = "keep", arrangement: str = "packed", logits: int = 0,
) -> dict[str, object]:  # fmt: skip
    """One measurement of the engine (see Measurement.java)."""
    return {
        "model": model, "adapter": adapter, "samples": samples, "type": type, "tier": tier, "arrangement": arrangement,
        "packTokens": 1024, "logits": logits, "out": out,
    }  # fmt: skip


def progress(folder: pathlib.Path, kind: str) -> list[dict[str, float]]:
    """Whole lines of one kind of a run's progress."""
    file = folder / "progress.jsonl"
    if not file.exists():
        return []
    text = file.read_text()
    lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    return [line for line in lines if line["type"] == kind]


def steps_of(folder: pathlib.Path) -> list[dict[str, float]]:
    """The lines of a run's steps."""
    return progress(folder, "step")


def gradients_of(measured: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The gradients in a measurement's file, by PEFT's names."""
    return {name.removeprefix("gradient."): t for name, t in measured.items() if name.startswith("gradient.")}


def read(file: pathlib.Path) -> dict[str, torch.Tensor]:
    """The tensors of a measurement."""
    return load_file(file)
