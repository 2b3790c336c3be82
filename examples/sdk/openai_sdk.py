"""Fine-tunes through OpenAI's Python SDK; only base_url and api_key differ from a script for the hosted service."""

import os
import pathlib
import time

from openai import OpenAI

data = pathlib.Path(__file__).parent.parent / "commands"
client = OpenAI(
    base_url=os.environ.get("LUTHIER_URL", "http://127.0.0.1:8000") + "/openai/v1",
    api_key=os.environ["LUTHIER_API_KEY"],
)

train = client.files.create(file=open(data / "train.jsonl", "rb"), purpose="fine-tune")
valid = client.files.create(file=open(data / "valid.jsonl", "rb"), purpose="fine-tune")
job = client.fine_tuning.jobs.create(
    model=os.environ.get("LUTHIER_MODEL", "luthier-tiny"),
    training_file=train.id,
    validation_file=valid.id,
    suffix="commands",
    method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": "auto"}}},
)
while job.status in ("validating_files", "queued", "running"):
    time.sleep(2)
    job = client.fine_tuning.jobs.retrieve(job.id)
    print(job.status, client.fine_tuning.jobs.list_events(job.id, limit=1).data[0].message)
if job.error:
    raise SystemExit(job.error.message)

for checkpoint in client.fine_tuning.jobs.checkpoints.list(job.id):
    print(checkpoint.fine_tuned_model_checkpoint, checkpoint.metrics.full_valid_loss)
answer = client.chat.completions.create(
    model=job.fine_tuned_model,
    messages=[{"role": "user", "content": "please open the gate in the garage to 40 percent"}],
    temperature=0,
)
print(answer.choices[0].message.content)
