"""Random models of every family that Luthier computes, larger than the golden ones of its tests."""

import pathlib
import sys
from typing import Any

import torch
from transformers import PreTrainedModel

from luthier import ROOT

sys.path.append(str(ROOT / "engine" / "src" / "test" / "resources" / "parity" / "matrix"))
import make_matrix  # the families are those of the golden values

VOCABULARY = 1500
SHAPE: dict[str, Any] = dict(
    vocab_size=VOCABULARY, hidden_size=192, intermediate_size=416, num_hidden_layers=4, num_attention_heads=6,
    num_key_value_heads=2, max_position_embeddings=1024, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)  # fmt: skip
LARGER: dict[str, dict[str, Any]] = {"mistral": dict(head_dim=40, sliding_window=64), "qwen3": dict(head_dim=48)}
FAMILIES = tuple(make_matrix.FAMILIES)


def title(family: str) -> str:
    """The name in tables."""
    return make_matrix.FAMILIES[family][0].__name__.removesuffix("ForCausalLM")


def save_model(family: str, tied: bool, seed: int, folder: pathlib.Path) -> PreTrainedModel:
    """Makes a model with random weights, norms and biases included, in fp32, and saves it."""
    torch.manual_seed(seed)
    model_class, config_class, settings = make_matrix.FAMILIES[family]
    config = config_class(**SHAPE | settings | LARGER.get(family, {}), tie_word_embeddings=tied)
    model: PreTrainedModel = model_class(config).float().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            if "norm" in name:
                parameter.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.3 * noise)
            else:
                parameter.copy_(0.08 * noise)
    model.save_pretrained(folder)
    return model
