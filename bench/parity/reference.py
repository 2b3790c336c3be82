"""Losses, gradients and logits by Hugging Face transformers and PEFT."""

import dataclasses
import pathlib

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from samples import Sample

TYPES = {"fp64": torch.float64, "fp32": torch.float32, "bf16": torch.bfloat16}


@dataclasses.dataclass
class Reference:
    """What a model with an adapter makes of samples.

    `nll` is the loss of each target token, sample by sample; `gradients` are those of the mean loss, by the names that
    PEFT gives the tensors in a file; `logits` are [T, V] of each sample.
    """

    loss: float
    nll: torch.Tensor
    gradients: dict[str, torch.Tensor]
    logits: list[torch.Tensor]


def load(model: pathlib.Path, adapter: pathlib.Path, type: str = "fp32") -> PeftModel:
    """A base model with an adapter that learns."""
    base = AutoModelForCausalLM.from_pretrained(model, dtype=TYPES[type])
    return PeftModel.from_pretrained(base, adapter, is_trainable=True).eval()


def compute(model: PeftModel, samples: list[Sample], gradients: bool = True) -> Reference:
    """Runs the samples as one right-padded batch."""
    longest = max(len(sample.tokens) for sample in samples)
    tokens = torch.zeros(len(samples), longest, dtype=torch.long)
    mask = torch.zeros_like(tokens)
    for row, sample in enumerate(samples):
        tokens[row, : len(sample.tokens)] = sample.tokens
        mask[row, : len(sample.tokens)] = 1
    with torch.set_grad_enabled(gradients):
        logits = model(input_ids=tokens, attention_mask=mask).logits
        if logits.dtype == torch.bfloat16:
            logits = logits.float()
        losses, weights = [], []
        for row, sample in enumerate(samples):
            length = len(sample.tokens)
            each = torch.nn.functional.cross_entropy(logits[row, : length - 1], sample.tokens[1:], reduction="none")
            losses.append(each[sample.weights[1:] != 0])
            weights.append(sample.weights[sample.weights != 0])
        nll, weight = torch.cat(losses), torch.cat(weights)
        loss = (nll * weight).sum() / weight.sum()
    return Reference(
        float(loss.detach()),
        nll.detach(),
        adapter_gradients(model, loss) if gradients else {},
        [logits[row, : len(sample.tokens)].detach() for row, sample in enumerate(samples)],
    )


def adapter_gradients(model: PeftModel, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    """Gradients of the adapter's tensors."""
    parameters = {}
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            stored = name.replace(".default", "")
            parameters[stored.removesuffix(".weight") if "magnitude" in stored else stored] = parameter
    found = torch.autograd.grad(loss, list(parameters.values()))
    return dict(zip(parameters, found, strict=True))
