"""Training by TRL and PEFT on samples whose order is given."""

import dataclasses
import math
import pathlib
from typing import Any

import torch
from datasets import Dataset
from peft import PeftModel
from torch.utils.data import SequentialSampler
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from luthier import Recipe
from reference import TYPES
from samples import Sample


def rate(recipe: Recipe, step: int) -> float:
    """Luthier's learning rate of a step, counted from 1: linear warm-up, then a cosine to zero."""
    warmup = round(recipe.steps * recipe.warmup_fraction)
    if step <= warmup:
        return recipe.learning_rate * step / warmup
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - 1 - warmup) / (recipe.steps - warmup)))


class GivenOrder:
    """What TRL's trainers have to take from Luthier: order and rates. They remember the loss of each step."""

    def __init__(self, recipe: Recipe, **arguments: Any) -> None:
        self.recipe = recipe
        self.losses: list[float] = []
        super().__init__(**arguments)

    def _get_train_sampler(self, train_dataset: Any = None) -> SequentialSampler:
        chosen: Any = self.train_dataset if train_dataset is None else train_dataset
        return SequentialSampler(chosen)

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Rates relative to the peak; PyTorch counts updates from 0."""
        chosen: Any = optimizer or self.optimizer
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            chosen,
            lambda done: rate(self.recipe, min(done + 1, self.recipe.steps)) / self.recipe.learning_rate,
        )
        return self.lr_scheduler

    def training_step(self, *arguments: Any, **more: Any) -> torch.Tensor:
        """One forward and backward pass, which here is one step."""
        loss = super().training_step(*arguments, **more)
        self.losses.append(float(loss))
        return loss


class GivenSamples(GivenOrder, SFTTrainer):
    """Supervised training."""


class GivenPairs(GivenOrder, DPOTrainer):
    """Training by preferences, on pairs that are tokens already."""

    def __init__(self, recipe: Recipe, **arguments: Any) -> None:
        self.rewards: dict[str, list[float]] = {"chosen": [], "rejected": []}
        super().__init__(recipe, **arguments)

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset

    def training_step(self, *arguments: Any, **more: Any) -> torch.Tensor:
        """One step, whose mean rewards are remembered."""
        loss = super().training_step(*arguments, **more)
        for answer, means in self.rewards.items():
            means.append(self._metrics["train"][f"rewards/{answer}"][-1])
        return loss


def settings(recipe: Recipe, type: str, out: pathlib.Path) -> dict[str, Any]:
    """What both kinds of training are told."""
    return dict(
        output_dir=str(out / "trainer"), use_cpu=True, bf16=type == "bf16", max_steps=recipe.steps,
        per_device_train_batch_size=recipe.samples_per_step, gradient_accumulation_steps=1,
        gradient_checkpointing=False, optim="adamw_torch", learning_rate=recipe.learning_rate,
        adam_beta1=recipe.beta1, adam_beta2=recipe.beta2, adam_epsilon=recipe.epsilon, weight_decay=0.0,
        max_grad_norm=recipe.max_gradient_norm, save_strategy="no", report_to="none", disable_tqdm=True,
        logging_strategy="no", dataloader_pin_memory=False,
    )  # fmt: skip


def train(
    model: pathlib.Path, start: pathlib.Path, samples: list[Sample], recipe: Recipe, type: str, out: pathlib.Path
) -> list[float]:
    """Trains a start adapter on samples in their order and saves it; the loss of each step, before its update."""
    model_with_adapter = started(model, start, type)
    trainer = GivenSamples(
        recipe,
        model=model_with_adapter,
        args=SFTConfig(**settings(recipe, type, out), dataset_kwargs={"skip_prepare_dataset": True}),
        train_dataset=Dataset.from_list(
            [{"input_ids": sample.tokens.tolist(), "labels": sample.labels} for sample in samples]
        ),
        processing_class=AutoTokenizer.from_pretrained(model),
    )
    finish(trainer, out)
    return trainer.losses


@dataclasses.dataclass
class Preference:
    """The task of a preference training, as Luthier's run.json has it."""

    beta: float = 0.1
    sft_weight: float = 0.0
    length_normalized: bool = False

    @property
    def json(self) -> dict[str, object]:
        """The task in run.json."""
        return {
            "type": "preference", "beta": self.beta, "sftWeight": self.sft_weight,
            "lengthNormalized": self.length_normalized,
        }  # fmt: skip


@dataclasses.dataclass
class PairCourse:
    """What each step of a preference training came to, before its update: means over its pairs."""

    loss: list[float]
    chosen: list[float]
    rejected: list[float]


def train_pairs(
    model: pathlib.Path, start: pathlib.Path, pairs: list[tuple[Sample, Sample]], task: Preference, recipe: Recipe,
    type: str, out: pathlib.Path,
) -> PairCourse:  # fmt: skip
    """Trains a start adapter, which is also the reference, on pairs of preferred and rejected answers in their order."""
    losses = ["sigmoid_norm" if task.length_normalized else "sigmoid"]
    weights = [1.0]
    if task.sft_weight > 0:
        losses.append("sft")
        weights.append(task.sft_weight)
    trainer = GivenPairs(
        recipe,
        model=started(model, start, type),
        args=DPOConfig(
            **settings(recipe, type, out), beta=task.beta, loss_type=losses, loss_weights=weights, max_length=None,
            disable_dropout=True, remove_unused_columns=False,
        ),
        train_dataset=Dataset.from_list([row(*pair) for pair in pairs]),
        processing_class=AutoTokenizer.from_pretrained(model),
    )  # fmt: skip
    finish(trainer, out)
    return PairCourse(trainer.losses, **trainer.rewards)


def row(chosen: Sample, rejected: Sample) -> dict[str, list[int]]:
    """A pair as TRL has it: the prompt, which both answers follow, and the answers."""
    prompt = int((chosen.weights != 0).nonzero()[0])
    assert prompt == int((rejected.weights != 0).nonzero()[0])
    assert bool((chosen.tokens[:prompt] == rejected.tokens[:prompt]).all())
    return {
        "prompt_ids": chosen.tokens[:prompt].tolist(),
        "chosen_ids": answer(chosen, prompt),
        "rejected_ids": answer(rejected, prompt),
    }


def answer(sample: Sample, prompt: int) -> list[int]:
    """The tokens after the prompt that count. What a template writes after an answer (a line end) does not: TRL would
    count it, and nothing follows it."""
    counted = int((sample.weights != 0).sum())
    assert bool((sample.weights[prompt : prompt + counted] != 0).all())
    return sample.tokens[prompt : prompt + counted].tolist()


def started(model: pathlib.Path, start: pathlib.Path, type: str) -> PeftModel:
    """A model with an adapter that learns."""
    base = AutoModelForCausalLM.from_pretrained(model, dtype=TYPES[type])
    return PeftModel.from_pretrained(base, start, is_trainable=True)


def finish(trainer: Any, out: pathlib.Path) -> None:
    """Trains to the end and saves the adapter."""
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    assert len(trainer.losses) == trainer.recipe.steps
    trainer.model.save_pretrained(str(out / "adapter"), selected_adapters=["default"])
