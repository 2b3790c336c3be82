"""Makes the parity fixtures: tiny randomly initialised models saved by Hugging Face transformers, with the logits, the
loss and the LoRA gradients that transformers and PEFT compute for them in fp32.

Run in this folder: python make_parity.py     (made with torch 2.13, transformers 5.18, peft 0.21)
"""
import json
import pathlib
import torch
from safetensors.torch import save_file
from transformers import (LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, Qwen2Config,
                          Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)
from peft import LoraConfig, get_peft_model

SHAPE = dict(vocab_size=200, hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=256, bos_token_id=1, eos_token_id=2, pad_token_id=0,
             attn_implementation="eager")
CASES = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(
        **SHAPE, tie_word_embeddings=False, rms_norm_eps=1e-5,
        rope_parameters=dict(rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0,
                             high_freq_factor=4.0, original_max_position_embeddings=64))),
    "mistral-swa": lambda: MistralForCausalLM(MistralConfig(
        **SHAPE, tie_word_embeddings=False, sliding_window=16, head_dim=20,
        rope_parameters=dict(rope_type="default", rope_theta=5000.0))),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(
        **SHAPE, tie_word_embeddings=True,
        rope_parameters=dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=64))),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(
        **SHAPE, tie_word_embeddings=True, head_dim=16,
        rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=2.0))),
}
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LENGTHS = [70, 21, 45]


def main():
    for name, make in CASES.items():
        torch.manual_seed(7)
        model = make().float().eval()
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if "norm" in key:
                    parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
                elif key.endswith("bias"):
                    parameter.copy_(0.3 * torch.randn_like(parameter))
                else:
                    parameter.copy_(0.15 * torch.randn_like(parameter))
        folder = pathlib.Path(name)
        model.save_pretrained(folder)
        golden = {}
        samples, weights = [], []
        for index, length in enumerate(LENGTHS):
            tokens = torch.randint(3, 200, (length,))
            weight = (torch.rand(length) < 0.6).float() * torch.where(torch.rand(length) < 0.2, 0.5, 1.0)
            weight[0] = 0
            samples.append(tokens)
            weights.append(weight)
            golden[f"tokens.{index}"] = tokens
            golden[f"weights.{index}"] = weight
            golden[f"logits.{index}"] = model(tokens[None]).logits[0].detach().contiguous()
        golden["loss.base"] = loss_of(model, samples, weights).detach()
        adapted = get_peft_model(model, LoraConfig(r=3, lora_alpha=6, target_modules=TARGETS, task_type="CAUSAL_LM"))
        with torch.no_grad():
            for key, parameter in adapted.named_parameters():
                if "lora_" in key:
                    parameter.copy_(0.2 * torch.randn_like(parameter))
        loss = loss_of(adapted, samples, weights)
        loss.backward()
        golden["loss.adapted"] = loss.detach()
        for index, tokens in enumerate(samples):
            golden[f"adapted_logits.{index}"] = adapted(tokens[None]).logits[0].detach().contiguous()
        adapted.save_pretrained(folder / "adapter")
        for key, parameter in adapted.named_parameters():
            if "lora_" in key:
                golden["gradient." + key.replace(".default", "")] = parameter.grad.contiguous()
        save_file(golden, folder / "golden.safetensors")
        (folder / "adapter" / "README.md").unlink(missing_ok=True)
        print(name, float(golden["loss.base"]), float(golden["loss.adapted"]))


def loss_of(model, samples, weights):
    total = 0
    for tokens, weight in zip(samples, weights):
        logits = model(tokens[None]).logits[0]
        losses = torch.nn.functional.cross_entropy(logits[:-1], tokens[1:], reduction="none")
        total = total + (losses * weight[1:]).sum()
    return total / sum(weight.sum() for weight in weights)


if __name__ == "__main__":
    main()
