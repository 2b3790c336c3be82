"""Trains a LoRA adapter with TRL's SFTTrainer or DPOTrainer as their users do, and writes a line of progress after each
step.

Progress lines are JSON objects: ``started`` (versions and settings), ``step`` (sums since the start: real tokens, target
tokens and padded tokens; epoch milliseconds) and ``ended`` (most resident memory).
"""

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "datasets")
RECIPES = ("default", "tuned", "compiled")


class Progress:
    """Appends JSON lines to a file, each in one write."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def append(self, kind: str, **fields: Any) -> None:
        """A line of a kind, with the time in epoch milliseconds."""
        line = json.dumps({"type": kind, "timeMillis": time.time_ns() // 1_000_000, **fields})
        os.write(self._file, (line + "\n").encode())


@dataclass
class Counts:
    """Sums over all batches that were trained on."""

    tokens: int = 0
    targets: int = 0
    padded: int = 0


class Counting:
    """A trainer that counts the tokens of each batch as it is trained on."""

    def __init__(self, counts: Counts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._counts = counts

    def training_step(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> torch.Tensor:
        """One pass forward and backward."""
        self._counts.tokens += int(inputs["attention_mask"].sum())
        self._counts.targets += self.targets(inputs)
        self._counts.padded += inputs["input_ids"].numel()
        return super().training_step(model, inputs, *args, **kwargs)


class SampleTrainer(Counting, SFTTrainer):
    """Supervised training on samples that are tokens already, with -100 as the label of what is no target."""

    def targets(self, inputs: dict[str, Any]) -> int:
        """The label of a first token is never predicted."""
        return int((inputs["labels"][:, 1:] != -100).sum())


class PairTrainer(Counting, DPOTrainer):
    """Training by preferences on pairs that are tokens already."""

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset

    def targets(self, inputs: dict[str, Any]) -> int:
        """Tokens of both answers."""
        return int(inputs["completion_mask"].sum())


TRAINERS: dict[str, tuple[type, type]] = {"sft": (SampleTrainer, SFTConfig), "dpo": (PairTrainer, DPOConfig)}


class StepLines(TrainerCallback):
    """Writes a line at the end of each optimizer step."""

    def __init__(self, progress: Progress, counts: Counts) -> None:
        self._progress = progress
        self._counts = counts

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Called by the trainer."""
        self._progress.append("step", step=state.global_step, **asdict(self._counts))


def peak_bytes() -> int:
    """The most bytes of this process that lay in RAM so far."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no VmHWM")


def faster_type() -> str:
    """The type of weights in which this machine multiplies matrices faster, by measuring."""

    def seconds(dtype: torch.dtype) -> float:
        rows, matrix = torch.ones(64, 576, dtype=dtype), torch.ones(1536, 576, dtype=dtype)
        best = float("inf")
        for _ in range(5):
            start = time.perf_counter()
            torch.mm(torch.mm(rows, matrix.t()), matrix)
            best = min(best, time.perf_counter() - start)
        return best

    return "bfloat16" if seconds(torch.bfloat16) <= seconds(torch.float32) else "float32"


def recipe_settings(recipe: str, micro_batch: int, trainer: str) -> dict[str, Any]:
    """What a recipe changes in the defaults. ``default`` changes nothing."""
    if recipe == "default":
        return {}
    dtype = faster_type()
    # DPOTrainer cannot group pairs by their length.
    sampling = {"train_sampling_strategy": "group_by_length"} if trainer == "sft" else {}
    return {
        **sampling,
        "per_device_train_batch_size": micro_batch,
        "gradient_checkpointing": False,
        "model_init_kwargs": {"dtype": dtype, "attn_implementation": "sdpa"},
        "bf16": dtype == "bfloat16",  # TRL's default computes in bf16 whatever the weights are
        "torch_compile": recipe == "compiled",
    }


def largest_divisor(number: int, most: int) -> int:
    """The largest divisor of a number that is not above a limit."""
    return max(divisor for divisor in range(1, most + 1) if number % divisor == 0)


def configuration(arguments: argparse.Namespace) -> TrainingArguments:
    """The settings of the run: the recipe, and what it takes to run on a CPU for so many steps."""
    config_class = TRAINERS[arguments.trainer][1]
    settings = recipe_settings(arguments.recipe, arguments.micro_batch, arguments.trainer)
    defaults = config_class(output_dir=str(arguments.output), use_cpu=True)
    micro_batch = settings.get("per_device_train_batch_size", defaults.per_device_train_batch_size)
    # Fewer samples a step than a batch has: the batch shrinks. More: gradients of several batches are summed.
    batch = largest_divisor(arguments.samples_per_step, micro_batch)
    settings["per_device_train_batch_size"] = batch
    settings["gradient_accumulation_steps"] = arguments.samples_per_step // batch
    if arguments.max_length > (defaults.max_length or 0):
        settings["max_length"] = arguments.max_length
    return config_class(
        output_dir=str(arguments.output),
        max_steps=arguments.steps,
        use_cpu=True,
        report_to="none",
        disable_tqdm=True,
        save_strategy="no",
        **settings,
    )


def samples(path: Path) -> Dataset:
    """Samples or pairs that are tokens already."""
    with path.open(encoding="utf-8") as lines:
        return Dataset.from_list([json.loads(line) for line in lines])


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines of samples or pairs as tokens")
    parser.add_argument("--trainer", choices=TRAINERS, required=True)
    parser.add_argument("--recipe", choices=RECIPES, required=True)
    parser.add_argument("--samples-per-step", type=int, required=True)
    parser.add_argument("--micro-batch", type=int, required=True, help="samples of one pass of the tuned recipes")
    parser.add_argument("--max-length", type=int, required=True, help="tokens of the longest sample")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--alpha", type=int, required=True)
    parser.add_argument("--progress", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


def main() -> None:
    """Trains."""
    arguments = parse()
    progress = Progress(arguments.progress)
    config = configuration(arguments)
    counts = Counts()
    trainer = TRAINERS[arguments.trainer][0](
        counts,
        str(arguments.model),
        args=config,
        train_dataset=samples(arguments.data),
        peft_config=LoraConfig(
            r=arguments.rank, lora_alpha=arguments.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
        callbacks=[StepLines(progress, counts)],
    )
    progress.append(
        "started",
        versions={name: version(name) for name in PACKAGES},
        threads=torch.get_num_threads(),
        settings={
            "batch": config.per_device_train_batch_size,
            "accumulation": config.gradient_accumulation_steps,
            "checkpointing": config.gradient_checkpointing,
            "autocastBf16": bool(config.bf16),
            "weights": str(trainer.model.dtype).removeprefix("torch."),
            "attention": trainer.model.config._attn_implementation,
            "maxLength": config.max_length,
            "sampling": str(config.train_sampling_strategy),
            "compiled": config.torch_compile,
        },
    )
    trainer.train()
    progress.append("ended", peakBytes=peak_bytes())


if __name__ == "__main__":
    main()
