"""Makes the golden classifiers: transformers' sequence classification with PEFT's LoRA on the models beside, in fp32.

samples.jsonl holds the samples as text: word wN is token N + 3, and <end>, token 2, ends each. Per model a folder with
PEFT's own files in adapter/, to which classifier.json is added, and golden.safetensors: the scores of each sample, the
loss of all of them, and its gradients.

Run in this folder with the peers of bench/run: python make_classifier.py
"""

import json
import pathlib
import random

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification

HERE = pathlib.Path(__file__).resolve().parent
MODELS = ["llama", "mistral-swa"]
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
TARGETS = [
    {"name": "kind", "labels": ["zero", "one", "two"], "loss_function": "single_class", "temperature": 1.0},
    {"name": "traits", "labels": ["many", "low"], "loss_function": "multi_class", "temperature": 1.0},
]
WEIGHTS = [1.0, 0.5]
# Per sample its words and the labels that hold; it need not speak of every target.
SAMPLES = [
    (69, {"kind": "zero", "traits": ["many", "low"]}),
    (20, {"kind": "two"}),
    (44, {"kind": ["zero", "one"], "traits": []}),
    (1, {"kind": "one", "traits": ["low"]}),
    (2, {"traits": ["many"]}),
]


def loss_of(scores: list[torch.Tensor]) -> torch.Tensor:
    """The weighted sum over the targets of the mean over the samples that speak of them."""
    total, first = torch.zeros(()), 0
    for place, target in enumerate(TARGETS):
        count = len(target["labels"])
        losses = []
        for score, (_, labels) in zip(scores, SAMPLES, strict=True):
            if target["name"] not in labels:
                continue
            given = labels[target["name"]]
            given = [given] if isinstance(given, str) else given
            holds = torch.tensor([float(label in given) for label in target["labels"]])
            own = score[first : first + count]
            if target["loss_function"] == "single_class":
                losses.append(torch.nn.functional.cross_entropy(own, holds / holds.sum()))
            else:
                losses.append(torch.nn.functional.binary_cross_entropy_with_logits(own, holds))
        total = total + WEIGHTS[place] * torch.stack(losses).mean()
        first += count
    return total


def stored_name(name: str) -> str:
    """PEFT's name of a tensor in a file."""
    return name.replace(".default", "").replace(".modules_to_save", "")


def make(model: str) -> PeftModel:
    """A classifier with an adapter that changes the model."""
    torch.manual_seed(17)
    labels = sum(len(target["labels"]) for target in TARGETS)
    base = AutoModelForSequenceClassification.from_pretrained(
        HERE.parent / model, num_labels=labels, dtype=torch.float32, attn_implementation="eager"
    )
    adapted = get_peft_model(base, LoraConfig(r=3, lora_alpha=6, target_modules=LINEAR, task_type="SEQ_CLS"))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(0.2 * torch.randn_like(parameter))
    return adapted.eval()


def main() -> None:
    """Writes the files."""
    torch.set_num_threads(1)
    draw = random.Random(23)
    texts = [[draw.randrange(150) for _ in range(words)] for words, _ in SAMPLES]
    lines = [
        {"text": " ".join(f"w{word}" for word in text), "labels": labels}
        for text, (_, labels) in zip(texts, SAMPLES, strict=True)
    ]
    (HERE / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for model in MODELS:
        adapted = make(model)
        adapted.peft_config["default"].base_model_name_or_path = model
        adapted.save_pretrained(str(HERE / model / "adapter"))
        (HERE / model / "adapter" / "README.md").unlink()
        (HERE / model / "adapter" / "classifier.json").write_text(json.dumps({"version": 1, "targets": TARGETS}) + "\n")
        scores = [adapted(torch.tensor([[word + 3 for word in text] + [2]])).logits[0] for text in texts]
        loss = loss_of(scores)
        loss.backward()
        golden = {"loss": loss.detach()}
        for index, score in enumerate(scores):
            golden[f"scores.{index}"] = score.detach()
        for name, parameter in adapted.named_parameters():
            if parameter.requires_grad:
                golden["gradient." + stored_name(name)] = parameter.grad.contiguous()
        save_file(golden, HERE / model / "golden.safetensors")
        print(model, float(golden["loss"]))


if __name__ == "__main__":
    main()
