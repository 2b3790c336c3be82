"""Training by TRL and PEFT on samples whose order is given."""

import math
import pathlib
from typing import Any

import torch
from datasets import Dataset
from peft import PeftModel
from torch.utils.data import SequentialSampler
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
from trl import SFTConfig, SFTTrainer

from luthier import Recipe
from reference import TYPES
from samples import Sample


def rate(recipe: Recipe, step: int) -> float:
    """Luthier's learning rate of a step, counted from 1: linear warm-up, then a cosine to zero."""
    warmup = round(recipe.steps * recipe.warmup_fraction)
    if step <= warmup:
        return recipe.learning_rate * step / warmup
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - 1 - warmup) / (recipe.steps - warmup)))


class GivenOrder(SFTTrainer):
    """TRL's trainer with Luthier's order and rates; it remembers the loss of each step."""

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


def train(
    model: pathlib.Path, start: pathlib.Path, samples: list[Sample], recipe: Recipe, type: str, out: pathlib.Path
) -> list[float]:
    """Trains a start adapter on samples in their order and saves it; the loss of each step, before its update."""
    base = AutoModelForCausalLM.from_pretrained(model, dtype=TYPES[type])
    model_with_adapter = PeftModel.from_pretrained(base, start, is_trainable=True)
    settings = SFTConfig(
        output_dir=str(out / "trainer"), use_cpu=True, bf16=type == "bf16", max_steps=recipe.steps,
        per_device_train_batch_size=recipe.samples_per_step, gradient_accumulation_steps=1,
        gradient_checkpointing=False, optim="adamw_torch", learning_rate=recipe.learning_rate,
        adam_beta1=recipe.beta1, adam_beta2=recipe.beta2, adam_epsilon=recipe.epsilon, weight_decay=0.0,
        max_grad_norm=recipe.max_gradient_norm, save_strategy="no", report_to="none", disable_tqdm=True,
        logging_strategy="no", dataloader_pin_memory=False, dataset_kwargs={"skip_prepare_dataset": True},
    )  # fmt: skip
    trainer = GivenOrder(
        recipe,
        model=model_with_adapter,
        args=settings,
        train_dataset=Dataset.from_list(
            [{"input_ids": sample.tokens.tolist(), "labels": sample.labels} for sample in samples]
        ),
        processing_class=AutoTokenizer.from_pretrained(model),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    assert len(trainer.losses) == recipe.steps
    model_with_adapter.save_pretrained(str(out / "adapter"))
    return trainer.losses
