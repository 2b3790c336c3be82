"""Makes the golden course of a preference training: TRL's DPOTrainer on the model and the adapter in ../llama, in fp32.

pairs.jsonl holds the pairs as text: word wN is token N + 3, and <end>, token 2, ends an answer. Each step sees all of
them. golden.json has per task the loss and both rewards of each step; TASK.safetensors the adapter after the last one.

Run in this folder with the peers of bench/run: python make_preference.py
"""

import dataclasses
import json
import pathlib
import random
import sys
import tempfile

import torch
from tokenizers import Tokenizer, models
from transformers import AutoTokenizer, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[5] / "bench" / "parity"))

from luthier import Recipe  # noqa: E402
from samples import Sample  # noqa: E402
from trl_training import Preference, train_pairs  # noqa: E402

PAIRS = 8
RECIPE = Recipe(steps=10, samples_per_step=PAIRS, learning_rate=0.002, warmup_fraction=0.1)
TASKS = {
    "plain": Preference(0.1),
    "sft": Preference(0.5, sft_weight=0.5),
    "normalized": Preference(1.5, length_normalized=True),
}


def words(draw: random.Random, most: int) -> list[int]:
    """Numbers of words."""
    return [draw.randrange(150) for _ in range(draw.randint(1, most))]


def text(numbers: list[int]) -> str:
    """Words as people write them."""
    return " ".join(f"w{number}" for number in numbers)


def sample(prompt: list[int], answer: list[int]) -> Sample:
    """The tokens that the words mean, of which the answer counts."""
    tokens = [number + 3 for number in [*prompt, *answer]] + [2]
    weights = [0.0] * len(prompt) + [1.0] * (len(answer) + 1)
    return Sample(torch.tensor(tokens), torch.tensor(weights))


def main() -> None:
    """Writes the files."""
    torch.set_num_threads(1)
    draw = random.Random(11)
    drawn = [(words(draw, 9), words(draw, 12), words(draw, 12)) for _ in range(PAIRS)]
    lines = [
        {
            "input": {"messages": [{"role": "user", "content": text(prompt)}]},
            "preferred_output": [{"role": "assistant", "content": text(chosen)}],
            "non_preferred_output": [{"role": "assistant", "content": text(rejected)}],
        }
        for prompt, chosen, rejected in drawn
    ]
    (HERE / "pairs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    pairs = [(sample(prompt, chosen), sample(prompt, rejected)) for prompt, chosen, rejected in drawn]
    vocabulary = {"<unk>": 0, "<end>": 2} | {f"w{number}": number + 3 for number in range(150)}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel(vocabulary, "<unk>")), eos_token="<end>", pad_token="<end>"
    )
    AutoTokenizer.from_pretrained = lambda *_, **__: tokenizer  # the fixture has none
    golden = {}
    for name, task in TASKS.items():
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder)
            course = train_pairs(
                HERE.parent / "llama", HERE.parent / "llama" / "adapter", pairs * RECIPE.steps, task, RECIPE, "fp32", out
            )
            golden[name] = {"task": task.json, **dataclasses.asdict(course)}
            (HERE / f"{name}.safetensors").write_bytes((out / "adapter" / "adapter_model.safetensors").read_bytes())
        print(name, [round(loss, 4) for loss in course.loss])
    (HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
