"""Writes golden/NAME.json: a config.json in the style of a published model, and what transformers reads from it.

Run with transformers 5.18 and torch in this folder: python make_configs.py
`inverse_frequencies` are those of the first 64 pairs at most; `tensors` is there for small models only.
"""

import json
import os

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
from transformers.models.mistral.modeling_mistral import MistralRotaryEmbedding
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding
from transformers.models.qwen3.modeling_qwen3 import Qwen3RotaryEmbedding

ROTARY = {"llama": LlamaRotaryEmbedding, "mistral": MistralRotaryEmbedding, "qwen2": Qwen2RotaryEmbedding,
          "qwen3": Qwen3RotaryEmbedding}

LLAMA3_SCALING = {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                  "original_max_position_embeddings": 8192, "rope_type": "llama3"}


def llama(**fields):
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
            "initializer_range": 0.02, "use_cache": True, **fields}


def mistral(**fields):
    return {"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_act": "silu",
            "initializer_range": 0.02, "use_cache": True, **fields}


def qwen2(**fields):
    return {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu",
            "attention_dropout": 0.0, "initializer_range": 0.02, "use_cache": True, **fields}


def qwen3(**fields):
    return {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "hidden_act": "silu",
            "attention_dropout": 0.0, "initializer_range": 0.02, "use_cache": True, **fields}


SMALL = dict(vocab_size=96, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5)

CONFIGS = {
    "llama-2-7b": llama(
        _name_or_path="meta-llama/Llama-2-7b-hf", bos_token_id=1, eos_token_id=2, hidden_size=4096,
        intermediate_size=11008, max_position_embeddings=4096, num_attention_heads=32, num_hidden_layers=32,
        num_key_value_heads=32, pretraining_tp=1, rms_norm_eps=1e-5, rope_scaling=None, tie_word_embeddings=False,
        torch_dtype="float16", transformers_version="4.31.0.dev0", vocab_size=32000),
    "llama-3-8b": llama(
        attention_bias=False, attention_dropout=0.0, bos_token_id=128000, eos_token_id=128001, hidden_size=4096,
        intermediate_size=14336, max_position_embeddings=8192, num_attention_heads=32, num_hidden_layers=32,
        num_key_value_heads=8, pretraining_tp=1, rms_norm_eps=1e-5, rope_scaling=None, rope_theta=500000.0,
        tie_word_embeddings=False, torch_dtype="bfloat16", transformers_version="4.40.0.dev0", vocab_size=128256),
    "llama-3.1-8b-instruct": llama(
        attention_bias=False, attention_dropout=0.0, bos_token_id=128000, eos_token_id=[128001, 128008, 128009],
        hidden_size=4096, intermediate_size=14336, max_position_embeddings=131072, mlp_bias=False,
        num_attention_heads=32, num_hidden_layers=32, num_key_value_heads=8, pretraining_tp=1, rms_norm_eps=1e-5,
        rope_scaling=LLAMA3_SCALING, rope_theta=500000.0, tie_word_embeddings=False, torch_dtype="bfloat16",
        transformers_version="4.42.3", vocab_size=128256),
    "llama-3.2-1b": llama(
        attention_bias=False, attention_dropout=0.0, bos_token_id=128000, eos_token_id=128001, head_dim=64,
        hidden_size=2048, intermediate_size=8192, max_position_embeddings=131072, mlp_bias=False,
        num_attention_heads=32, num_hidden_layers=16, num_key_value_heads=8, pretraining_tp=1, rms_norm_eps=1e-5,
        rope_scaling={**LLAMA3_SCALING, "factor": 32.0}, rope_theta=500000.0, tie_word_embeddings=True,
        torch_dtype="bfloat16", transformers_version="4.45.0.dev0", vocab_size=128256),
    "tinyllama-1.1b-chat": llama(
        attention_bias=False, bos_token_id=1, eos_token_id=2, hidden_size=2048, intermediate_size=5632,
        max_position_embeddings=2048, num_attention_heads=32, num_hidden_layers=22, num_key_value_heads=4,
        pretraining_tp=1, rms_norm_eps=1e-5, rope_scaling=None, rope_theta=10000.0, tie_word_embeddings=False,
        torch_dtype="bfloat16", transformers_version="4.35.0", vocab_size=32000),
    "smollm2-135m-instruct": {**llama(
        attention_bias=False, attention_dropout=0.0, bos_token_id=1, eos_token_id=2, hidden_size=576,
        initializer_range=0.041666666666666664, intermediate_size=1536, is_llama_config=True,
        max_position_embeddings=8192, mlp_bias=False, num_attention_heads=9, num_hidden_layers=30,
        num_key_value_heads=3, pad_token_id=2, pretraining_tp=1, rms_norm_eps=1e-5, rope_interleaved=False,
        rope_scaling=None, rope_theta=100000, tie_word_embeddings=True, torch_dtype="bfloat16",
        transformers_version="4.42.3", vocab_size=49152),
        "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16", "fp16": "float16"}}},
    "mistral-7b-v0.1": mistral(
        bos_token_id=1, eos_token_id=2, hidden_size=4096, intermediate_size=14336, max_position_embeddings=32768,
        num_attention_heads=32, num_hidden_layers=32, num_key_value_heads=8, rms_norm_eps=1e-5, rope_theta=10000.0,
        sliding_window=4096, tie_word_embeddings=False, torch_dtype="bfloat16", transformers_version="4.34.0.dev0",
        vocab_size=32000),
    "mistral-7b-v0.3": mistral(
        attention_dropout=0.0, bos_token_id=1, eos_token_id=2, hidden_size=4096, intermediate_size=14336,
        max_position_embeddings=32768, num_attention_heads=32, num_hidden_layers=32, num_key_value_heads=8,
        rms_norm_eps=1e-5, rope_theta=1000000.0, sliding_window=None, tie_word_embeddings=False,
        torch_dtype="bfloat16", transformers_version="4.42.0.dev0", vocab_size=32768),
    "mistral-nemo-12b": mistral(
        attention_dropout=0.0, bos_token_id=1, eos_token_id=2, head_dim=128, hidden_size=5120,
        intermediate_size=14336, max_position_embeddings=131072, num_attention_heads=32, num_hidden_layers=40,
        num_key_value_heads=8, rms_norm_eps=1e-5, rope_theta=1000000.0, sliding_window=None,
        tie_word_embeddings=False, torch_dtype="bfloat16", transformers_version="4.43.0.dev0", vocab_size=131072),
    "qwen2-0.5b": qwen2(
        bos_token_id=151643, eos_token_id=151643, hidden_size=896, intermediate_size=4864,
        max_position_embeddings=131072, max_window_layers=24, num_attention_heads=14, num_hidden_layers=24,
        num_key_value_heads=2, rms_norm_eps=1e-6, rope_theta=1000000.0, sliding_window=131072,
        tie_word_embeddings=True, torch_dtype="bfloat16", transformers_version="4.40.1", use_sliding_window=False,
        vocab_size=151936),
    "qwen2.5-7b-instruct": qwen2(
        bos_token_id=151643, eos_token_id=151645, hidden_size=3584, intermediate_size=18944,
        max_position_embeddings=32768, max_window_layers=28, num_attention_heads=28, num_hidden_layers=28,
        num_key_value_heads=4, rms_norm_eps=1e-6, rope_theta=1000000.0, sliding_window=131072,
        tie_word_embeddings=False, torch_dtype="bfloat16", transformers_version="4.43.1", use_sliding_window=False,
        vocab_size=152064),
    "qwen2.5-1.5b": qwen2(
        bos_token_id=151643, eos_token_id=151643, hidden_size=1536, intermediate_size=8960,
        max_position_embeddings=131072, max_window_layers=28, num_attention_heads=12, num_hidden_layers=28,
        num_key_value_heads=2, rms_norm_eps=1e-6, rope_theta=1000000.0, sliding_window=None,
        tie_word_embeddings=True, torch_dtype="bfloat16", transformers_version="4.40.1", use_mrope=False,
        use_sliding_window=False, vocab_size=151936),
    "qwen2.5-7b-yarn": qwen2(
        bos_token_id=151643, eos_token_id=151645, hidden_size=3584, intermediate_size=18944,
        max_position_embeddings=131072, max_window_layers=28, num_attention_heads=28, num_hidden_layers=28,
        num_key_value_heads=4, rms_norm_eps=1e-6, rope_theta=1000000.0,
        rope_scaling={"factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn"},
        sliding_window=131072, tie_word_embeddings=False, torch_dtype="bfloat16", use_sliding_window=False,
        vocab_size=152064),
    "qwen3-0.6b": qwen3(
        attention_bias=False, bos_token_id=151643, eos_token_id=151645, head_dim=128, hidden_size=1024,
        intermediate_size=3072, max_position_embeddings=40960, max_window_layers=28, num_attention_heads=16,
        num_hidden_layers=28, num_key_value_heads=8, rms_norm_eps=1e-6, rope_scaling=None, rope_theta=1000000,
        sliding_window=None, tie_word_embeddings=True, torch_dtype="bfloat16", transformers_version="4.51.0",
        use_sliding_window=False, vocab_size=151936),
    # Small ones for what the published ones leave out.
    "small-llama-empty": llama(),
    "small-llama-biases": llama(**SMALL, attention_bias=True, mlp_bias=True, head_dim=None, tie_word_embeddings=True),
    "small-llama-linear": llama(**SMALL, head_dim=16, rope_theta=20000, rope_scaling={"type": "linear", "factor": 4.0}),
    "small-llama-null-kv": llama(**{**SMALL, "num_key_value_heads": None}),
    "small-mistral-empty": mistral(),
    "small-mistral-window": mistral(**SMALL, sliding_window=7),
    "small-mistral-new-keys": {"architectures": ["MistralForCausalLM"], "model_type": "mistral", **SMALL, "head_dim": 20,
                               "dtype": "float32", "sliding_window": 9,
                               "rope_parameters": {"rope_type": "default", "rope_theta": 5000.0}},
    "small-llama-new-keys": {"architectures": ["LlamaForCausalLM"], "model_type": "llama", **SMALL, "dtype": "bfloat16",
                             "rope_parameters": {**LLAMA3_SCALING, "rope_theta": 50000.0,
                                                 "original_max_position_embeddings": 64}},
    "small-qwen2-empty": qwen2(),
    "small-qwen2-window": qwen2(**SMALL, use_sliding_window=True, sliding_window=5, max_window_layers=1),
    "small-qwen2-layer-types": qwen2(**SMALL, use_sliding_window=True, sliding_window=6, layer_types=[
        "sliding_attention", "full_attention", "sliding_attention"]),
    "small-qwen3-empty": qwen3(),
    "small-qwen3-biases": qwen3(**SMALL, head_dim=10, attention_bias=True, use_sliding_window=True, sliding_window=5,
                                max_window_layers=2),
    "small-qwen3-yarn": qwen3(**SMALL, head_dim=24, rope_parameters={
        "rope_type": "yarn", "rope_theta": 10000.0, "factor": 8.0, "original_max_position_embeddings": 32,
        "beta_fast": 16.0, "beta_slow": 2.0, "mscale": 1.5, "mscale_all_dim": 0.5, "truncate": False}),
    "small-qwen3-yarn-attention-factor": qwen3(**SMALL, head_dim=24, rope_scaling={
        "rope_type": "yarn", "factor": 2.0, "attention_factor": 1.25}),
}


def window(config, layer):
    types = getattr(config, "layer_types", None)
    if types is not None and types[layer] != "sliding_attention":
        return 0
    return getattr(config, "sliding_window", None) or 0


def ids(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def expected(raw):
    config = AutoConfig.for_model(raw["model_type"]).__class__.from_dict(json.loads(json.dumps(raw)))
    rotary = ROTARY[config.model_type](config)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()
              if not (config.tie_word_embeddings and name == "lm_head.weight")}
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    result = {
        "vocab_size": config.vocab_size, "hidden_size": config.hidden_size,
        "intermediate_size": config.intermediate_size, "layers": config.num_hidden_layers,
        "heads": config.num_attention_heads, "kv_heads": config.num_key_value_heads, "head_dim": head_dim,
        "rms_norm_eps": config.rms_norm_eps, "max_positions": config.max_position_embeddings,
        "tied": config.tie_word_embeddings, "rope_theta": config.rope_parameters["rope_theta"],
        "windows": [window(config, layer) for layer in range(config.num_hidden_layers)],
        "dtype": None if config.dtype is None else str(config.dtype).removeprefix("torch."),
        "bos": config.bos_token_id, "eos": ids(config.eos_token_id), "pad": config.pad_token_id,
        "inverse_frequencies": [float(f"{value:.9g}") for value in rotary.inv_freq.tolist()],
        "attention_factor": rotary.attention_scaling,
        "parameter_count": sum(parameter.numel() for parameter in model.parameters()),
    }
    if config.num_hidden_layers <= 3:
        result["tensors"] = shapes
    return result


if __name__ == "__main__":
    os.makedirs("golden", exist_ok=True)
    for name, raw in CONFIGS.items():
        content = {"made_by": f"make_configs.py, transformers {transformers.__version__}, torch {torch.__version__}",
                   "config": raw, "expected": expected(raw)}
        with open(f"golden/{name}.json", "w", encoding="utf-8") as out:
            json.dump(content, out, separators=(",", ":"))
            out.write("\n")
