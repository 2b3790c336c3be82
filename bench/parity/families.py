"""Random models of every family that Luthier computes, larger than the golden ones of its tests."""

import pathlib
from typing import Any

import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

VOCABULARY = 1500
SHAPE: dict[str, Any] = dict(
    vocab_size=VOCABULARY, hidden_size=192, intermediate_size=416, num_hidden_layers=4, num_attention_heads=6,
    num_key_value_heads=2, max_position_embeddings=1024, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)  # fmt: skip
FAMILIES = {
    "Llama": lambda **more: LlamaForCausalLM(LlamaConfig(**SHAPE, **more, rope_parameters=dict(
        rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=128))),
    "Mistral, window 64": lambda **more: MistralForCausalLM(MistralConfig(
        **SHAPE, **more, head_dim=40, sliding_window=64, rope_parameters=dict(
            rope_type="default", rope_theta=10000.0))),
    "Qwen 2": lambda **more: Qwen2ForCausalLM(Qwen2Config(
        **SHAPE, **more, rope_parameters=dict(rope_type="default", rope_theta=1000000.0))),
    "Qwen 3": lambda **more: Qwen3ForCausalLM(Qwen3Config(
        **SHAPE, **more, head_dim=48, rope_parameters=dict(rope_type="default", rope_theta=1000000.0))),
}  # fmt: skip


def save_model(family: str, tied: bool, seed: int, folder: pathlib.Path) -> PreTrainedModel:
    """Makes a model with random weights, norms and biases included, in fp32, and saves it."""
    torch.manual_seed(seed)
    model = FAMILIES[family](tie_word_embeddings=tied).float().eval()
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
