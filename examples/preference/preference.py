"""Teaches a model a task, then a style by preferences, through OpenAI's Python SDK; says what came of both on held-out commands."""

import json
import os
import pathlib
import re
import time

from openai import OpenAI

data = pathlib.Path(__file__).parent
client = OpenAI(
    base_url=os.environ.get("LUTHIER_URL", "http://127.0.0.1:8000") + "/openai/v1",
    api_key=os.environ["LUTHIER_API_KEY"],
)


def upload(name):
    return client.files.create(file=open(data / name, "rb"), purpose="fine-tune").id


def train(**request):
    job = client.fine_tuning.jobs.create(**request)
    while job.status in ("validating_files", "queued", "running"):
        time.sleep(1)
        job = client.fine_tuning.jobs.retrieve(job.id)
    if job.error:
        raise SystemExit(job.error.message)
    return job


def report(model, pairs):
    """Asks for an answer to each pair's command: how many are brief, and how many of those say what was asked for."""
    brief = right = 0
    for number, pair in enumerate(pairs):
        request = {"messages": pair["input"]["messages"], "temperature": 0.7, "seed": number, "max_tokens": 60}
        answer = client.chat.completions.create(model=model, **request).choices[0].message.content
        brief += re.fullmatch(r"The .+ is (on|off)\.", answer) is not None
        right += answer == pair["preferred_output"][0]["content"]
    print(f"{model}: {100 * brief // len(pairs)} % of the answers are brief, {100 * right // len(pairs)} % brief and right")


started = time.time()
held_out = [json.loads(line) for line in open(data / "held-out.jsonl")]

supervised = train(model=os.environ.get("LUTHIER_MODEL", "luthier-tiny"), training_file=upload("chats.jsonl"), suffix="chatty")
report(supervised.fine_tuned_model, held_out)

preference = train(
    model=supervised.fine_tuned_model,
    training_file=upload("pairs.jsonl"),
    validation_file=upload("held-out.jsonl"),
    suffix="brief",
    method={"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}},
)
steps = [event.data for event in client.fine_tuning.jobs.list_events(preference.id, limit=100) if event.type == "metrics"]
print(f"first loss {steps[-1]['train_loss']:.2f}, last {steps[0]['train_loss']:.2f}")
print(f"held-out pairs: reward accuracy {steps[0]['valid_reward_accuracy']:.2f}, margin {steps[0]['valid_reward_margin']:.2f}")
report(preference.fine_tuned_model, held_out)
print(f"{time.time() - started:.0f} s in all")
