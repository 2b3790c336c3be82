"""Gates of classifiers: losses and exported adapters in transformers and PEFT, what the worker serves, resumed runs."""

import json
import os
import pathlib
import time
import urllib.request
from types import TracebackType

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

from adapters import VARIANTS
from gates import Gates
from luthier import COMMANDS, TINY, Luthier, Recipe, progress
from reference import TYPES
from samples import Sample

RECIPE = Recipe(steps=60)
MANY, FEW = 400, 120
SECRET = "the parity gates' own secret of a worker"
KEYS = ["value", "unit", "time"]
SUBJECT = "luthier-tiny, classifier"


class Worker:
    """An inference worker that serves one classifier."""

    def __init__(self, luthier: Luthier, run: pathlib.Path, type: str) -> None:
        state = run / "worker.json"
        os.environ["LUTHIER_WORKER_SECRET"] = SECRET
        self.process = luthier.start(
            "worker", "--model", TINY, "--state-file", state, "--parent-pid", os.getpid(), "--threads", luthier.threads,
            "--type", type, "--adapters", run,
        )  # fmt: skip
        while not state.exists():
            assert self.process.poll() is None, self.process.communicate()[0]
            time.sleep(0.05)
        self.port = json.loads(state.read_text())["port"]
        self.ask("load_lora_adapter", lora_name="classifier", lora_path=str(run / "adapter"))

    def ask(self, route: str, **body: object) -> dict[str, list[list[float]]]:
        """The answer of a route."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/{route}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {SECRET}"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def probabilities(self, samples: list[Sample]) -> torch.Tensor:
        """Of each label, [N, C]."""
        inputs = [sample.tokens.tolist() for sample in samples]
        return torch.tensor(self.ask("classify", model="classifier", inputs=inputs)["scores"], dtype=torch.float64)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.communicate()


def classifiers(work: pathlib.Path, luthier: Luthier, gates: Gates, seeds: list[int]) -> None:
    """Trains on commands which action they ask for, and which of three things they name."""
    work.mkdir(parents=True)
    lines = {name: labelled(COMMANDS / f"{name}.jsonl", most) for name, most in (("train", MANY), ("valid", FEW))}
    for name, of_file in lines.items():
        (work / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in of_file))
    files = {"training": work / "train.jsonl", "validation": work / "valid.jsonl"}
    actions = sorted({str(line["labels"]["action"]) for of_file in lines.values() for line in of_file})
    targets = [
        {"name": "action", "labels": actions, "weight": 1.0, "lossFunction": "single_class"},
        {"name": "named", "labels": KEYS, "weight": 0.5, "lossFunction": "multi_class"},
    ]
    task = {"type": "classification", "targets": targets}
    for seed in seeds:
        for type in ("fp32", "bf16"):
            run = work / f"{type} {seed}"
            luthier.write_run(run, VARIANTS["rank 16"], RECIPE, type, seed, task=task, **files)
            heldout = luthier.order(run)[1]
            luthier.train(run)
            with Worker(luthier, run, type) as worker:
                compare(gates, run, type, seed, worker.probabilities(heldout), heldout, lines["valid"], targets)
        runs = [work / f"{name} {seed}" for name in ("whole", "stopped")]
        for run in runs:
            luthier.write_run(run, VARIANTS["top layers"], RECIPE, "bf16", seed, task=task,
                              numerics={"reuseBytes": 1_000_000}, **files)  # fmt: skip
        compare_resumed(gates, luthier, runs[0], runs[1], seed)


def labelled(chats: pathlib.Path, most: int) -> list[dict[str, dict[str, object]]]:
    """The first commands with what their calls say of them."""
    lines = []
    for line in chats.read_text().splitlines()[:most]:
        messages = json.loads(line)["messages"]
        call = json.loads(messages[-1]["content"])
        named = [key for key in KEYS if call[key] is not None]
        lines.append({"messages": messages[:-1], "labels": {"action": call["action"], "named": named}})
    return lines


@torch.no_grad()
def scores(adapter: pathlib.Path, labels: int, type: str, samples: list[Sample]) -> torch.Tensor:
    """What transformers and PEFT make of the exported adapter, [N, C]."""
    base = AutoModelForSequenceClassification.from_pretrained(TINY, num_labels=labels, dtype=TYPES[type])
    model = PeftModel.from_pretrained(base, adapter).eval()
    return torch.cat([model(sample.tokens[None]).logits.double() for sample in samples])


def compare(
    gates: Gates, run: pathlib.Path, type: str, seed: int, served: torch.Tensor, heldout: list[Sample],
    lines: list[dict[str, dict[str, object]]], targets: list[dict[str, object]],
) -> None:  # fmt: skip
    """Served probabilities, and the loss that the run reports, beside PEFT's."""
    stored = json.loads((run / "adapter" / "classifier.json").read_text())["targets"]
    found = scores(run / "adapter", served.shape[1], type, heldout)
    sizes = [len(target["labels"]) for target in stored]
    loss, case = 0.0, f"{type}, seed {seed}"
    parts = zip(stored, targets, served.split(sizes, 1), found.split(sizes, 1), strict=True)
    for target, meant, ours, theirs in parts:
        single = target["loss_function"] == "single_class"
        cooled = theirs / target["temperature"]
        compare_served(gates, type, single, ours, cooled.softmax(-1) if single else cooled.sigmoid(),
                       f"{case}, {target['name']}")  # fmt: skip
        given = [line["labels"][target["name"]] for line in lines]
        loss += float(meant["weight"]) * heldout_loss(theirs, target["labels"], given, single)
    reported = progress(run, "metric")[-1]["validLoss"]
    gates.at_most(f"held-out loss of a classifier as reported = PEFT's, {type}, relative", SUBJECT,
                  1e-4 if type == "fp32" else 0.02, abs(reported / loss - 1), case)  # fmt: skip


def compare_served(
    gates: Gates, type: str, single: bool, ours: torch.Tensor, theirs: torch.Tensor, case: str
) -> None:
    """The probabilities of a target's labels."""
    if type == "fp32":
        worst = float((ours - theirs).abs().max())
        gates.at_most("served probabilities = exported classifier's in PEFT, fp32, largest difference", SUBJECT, 1e-4,
                      worst, case)  # fmt: skip
    else:
        told, wanted = (each.argmax(-1) if single else each > 0.5 for each in (ours, theirs))
        agreement = float((told == wanted).double().mean())
        gates.at_least("served labels = exported classifier's in PEFT, bf16, agreement", SUBJECT, 0.99, agreement, case)


def heldout_loss(found: torch.Tensor, labels: list[str], given: list[object], single: bool) -> float:
    """The mean loss of a target."""
    if single:
        return float(torch.nn.functional.cross_entropy(found, torch.tensor([labels.index(each) for each in given])))
    holds = torch.tensor([[float(label in each) for label in labels] for each in given], dtype=found.dtype)
    return float(torch.nn.functional.binary_cross_entropy_with_logits(found, holds))


def compare_resumed(gates: Gates, luthier: Luthier, whole: pathlib.Path, stopped: pathlib.Path, seed: int) -> None:
    """A run that was stopped and gone on with ends with the bytes of an undisturbed one."""
    luthier.train(whole)
    assert luthier.train_until(stopped, 10), f"{stopped} ended before it could be stopped"
    luthier.train(stopped)
    for name in ("adapter_model.safetensors", "classifier.json"):
        files = [(run / "adapter" / name).read_bytes() for run in (whole, stopped)]
        different = sum(a != b for a, b in zip(*files, strict=True))
        gates.at_most("resumed run = uninterrupted run, bytes that differ", SUBJECT, 0, different,
                      f"seed {seed}, {name}")  # fmt: skip
