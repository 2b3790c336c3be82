"""Makes the golden values of the parity matrix: models x adapters x seeds of cases.json, computed in fp32 by Hugging
Face transformers and PEFT.

Weights, adapters and samples are not stored. Every value is drawn from a hash of its tensor's name, its index and the
seed (`draw`), which the test computes again. What is stored per case, in MODEL/golden.safetensors:

  base.SEED.nll       loss of each target token of the base model, [N]
  CASE.SEED.nll       the same with the adapter
  CASE.SEED.logits    logits after the last token of the first sample, [V]
  CASE.SEED.gradients drawn elements of the gradient of each adapter tensor, tensors in the order of their names, [A, E]
  CASE.SEED.sizes     L2 norm and largest magnitude of each of these gradients, [A, 2]

The samples go through the model as one right-padded batch; that each alone gives the same losses is checked here.

Run in this folder: python make_matrix.py     (made with torch 2.13, transformers 5.18, peft 0.21)
"""

import json
import pathlib
import zlib

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
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

VOCABULARY = 200
SHAPE = dict(
    vocab_size=VOCABULARY, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=256, bos_token_id=1, eos_token_id=2, pad_token_id=0,
    attn_implementation="eager",
)  # fmt: skip
FAMILIES = {
    "llama": (
        LlamaForCausalLM, LlamaConfig,
        dict(rms_norm_eps=1e-5, rope_parameters=dict(
            rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=64)),
    ),
    "mistral": (
        MistralForCausalLM, MistralConfig,
        dict(sliding_window=16, head_dim=20, rope_parameters=dict(rope_type="default", rope_theta=5000.0)),
    ),
    "qwen2": (
        Qwen2ForCausalLM, Qwen2Config,
        dict(rope_parameters=dict(rope_type="default", rope_theta=20000.0)),
    ),
    "qwen3": (
        Qwen3ForCausalLM, Qwen3Config,
        dict(head_dim=16, rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=2.0)),
    ),
}  # fmt: skip

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def mix(bits: np.ndarray) -> np.ndarray:
    """The finalizer of SplitMix64."""
    z = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def draw(name: str, seed: int, count: int) -> np.ndarray:
    """Whole numbers below 2^24, uniform; of the same name and seed, always the same."""
    state = mix(np.array([(seed << 32) | zlib.crc32(name.encode())], dtype=np.uint64))
    return (mix(state + np.arange(1, count + 1, dtype=np.uint64) * GAMMA) >> np.uint64(40)).astype(np.int64)


def values(name: str, seed: int, shape: torch.Size) -> torch.Tensor:
    """The fp32 values of a tensor: centre + reach x a number from -1 to 1."""
    if "magnitude" in name:
        centre, reach = 1.0, 0.4
    elif "norm" in name:
        centre, reach = 1.0, 0.35
    elif name.endswith("bias"):
        centre, reach = 0.0, 0.5
    else:
        centre, reach = 0.0, 0.15 if "lora_" in name else 0.25
    numbers = ((draw(name, seed, shape.numel()) - (1 << 23)) / (1 << 23)).astype(np.float32)
    return torch.from_numpy(np.float32(centre) + np.float32(reach) * numbers).view(shape)


def samples(seed: int, lengths: list[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Tokens and loss weights: 1, 0.5 or 0, the first always 0."""
    result = []
    for index, length in enumerate(lengths):
        tokens = 3 + (draw(f"tokens.{index}", seed, length) * (VOCABULARY - 3) >> 24)
        share = draw(f"weights.{index}", seed, length) / (1 << 24)
        weights = np.where(share < 0.5, 1.0, np.where(share < 0.6, 0.5, 0.0)).astype(np.float32)
        weights[0] = 0
        result.append((torch.from_numpy(tokens), torch.from_numpy(weights)))
    return result


def token_losses(model: torch.nn.Module, batch: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, ...]:
    """Loss of each target token, sample by sample, their weights, and the logits [B, T, V] of a right-padded batch."""
    longest = max(len(tokens) for tokens, _ in batch)
    padded = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros_like(padded)
    for row, (tokens, _) in enumerate(batch):
        padded[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    logits = model(input_ids=padded, attention_mask=mask).logits
    losses, weights = [], []
    for row, (tokens, weight) in enumerate(batch):
        each = torch.nn.functional.cross_entropy(logits[row, : len(tokens) - 1], tokens[1:], reduction="none")
        losses.append(each[weight[1:] != 0])
        weights.append(weight[weight != 0])
    return torch.cat(losses), torch.cat(weights), logits


def checked_losses(model: torch.nn.Module, batch: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """The losses of the padded batch, after comparing them with those of each sample alone."""
    with torch.no_grad():
        padded = token_losses(model, batch)[0]
        alone = torch.cat([token_losses(model, [sample])[0] for sample in batch])
    assert (padded - alone).abs().max() < 1e-5, float((padded - alone).abs().max())
    return padded


def adapted(model: PreTrainedModel, settings: dict, seed: int) -> torch.nn.Module:
    """The model with an adapter of drawn values."""
    layers = model.config.num_hidden_layers
    top = settings["topLayers"]
    config = LoraConfig(
        r=settings["rank"], lora_alpha=settings["alpha"], target_modules=settings["targets"],
        use_rslora=settings["rsLora"], use_dora=settings["dora"], task_type="CAUSAL_LM",
        layers_to_transform=list(range(layers - top, layers)) if top else None,
    )  # fmt: skip
    result = get_peft_model(model, config)
    with torch.no_grad():
        for name, parameter in adapter_parameters(result).items():
            parameter.copy_(values(name, seed, parameter.shape))
    return result


def adapter_parameters(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The adapter's tensors in the order of the names that PEFT gives them in a file."""
    found = {}
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            stored = name.replace(".default", "")
            found[stored.removesuffix(".weight") if "magnitude" in stored else stored] = parameter
    return dict(sorted(found.items()))


def make_model(family: str, tied: bool) -> PreTrainedModel:
    """A model of the family, its weights not yet drawn."""
    model_class, config_class, settings = FAMILIES[family]
    return model_class(config_class(**SHAPE, **settings, tie_word_embeddings=tied)).float().eval()


def main() -> None:
    """Makes the folder of every model in cases.json."""
    torch.set_num_threads(1)
    table = json.loads(pathlib.Path("cases.json").read_text())
    count = table["elementsPerGradient"]
    for model_name in table["models"]:
        family, heads = model_name.split("-")
        golden = {}
        for seed in table["seeds"]:
            batch = samples(seed, table["lengths"])
            for case in [None, *table["adapters"]]:
                model = make_model(family, heads == "tied")
                with torch.no_grad():
                    for name, parameter in model.named_parameters():
                        parameter.copy_(values(name, seed, parameter.shape))
                if case is None:
                    golden[f"base.{seed}.nll"] = checked_losses(model, batch)
                    continue
                model = adapted(model, table["adapters"][case], seed)
                golden[f"{case}.{seed}.nll"] = checked_losses(model, batch)
                losses, weights, logits = token_losses(model, batch)
                (losses * weights).sum().div(weights.sum()).backward()
                golden[f"{case}.{seed}.logits"] = logits[0, table["lengths"][0] - 1].detach().contiguous()
                elements, sizes = [], []
                for name, parameter in adapter_parameters(model).items():
                    gradient = parameter.grad.flatten()
                    drawn = draw("elements of " + name, seed, count) * gradient.numel() >> 24
                    elements.append(gradient[torch.from_numpy(drawn)])
                    sizes.append(torch.stack([gradient.norm(), gradient.abs().max()]))
                golden[f"{case}.{seed}.gradients"] = torch.stack(elements)
                golden[f"{case}.{seed}.sizes"] = torch.stack(sizes)
        folder = pathlib.Path(model_name)
        folder.mkdir(exist_ok=True)
        model = make_model(family, heads == "tied")
        model.config.architectures = [type(model).__name__]
        model.config.save_pretrained(folder)
        save_file(golden, folder / "golden.safetensors")
        print(model_name, {key: round(float(value.mean()), 4) for key, value in golden.items() if "nll" in key})


if __name__ == "__main__":
    main()
