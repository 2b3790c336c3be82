"""Fine-tunes through Mistral's Python SDK (1.x); only server_url and api_key differ from a script for the hosted service."""

import os
import pathlib
import time

from mistralai import Mistral

data = pathlib.Path(__file__).parent.parent / "commands"
client = Mistral(
    server_url=os.environ.get("LUTHIER_URL", "http://127.0.0.1:8000") + "/mistral",
    api_key=os.environ["LUTHIER_API_KEY"],
)


def upload(name):
    return client.files.upload(file={"file_name": name, "content": open(data / name, "rb")}, purpose="fine-tune")


job = client.fine_tuning.jobs.create(
    model=os.environ.get("LUTHIER_MODEL", "luthier-tiny"),
    training_files=[{"file_id": upload("train.jsonl").id, "weight": 1}],
    validation_files=[upload("valid.jsonl").id],
    hyperparameters={"training_steps": 300, "learning_rate": 0.002},
    suffix="commands",
    auto_start=True,
)
while (job := client.fine_tuning.jobs.get(job_id=job.id)).status in ("RUNNING", "QUEUED"):
    print(job.status, job.checkpoints[0].metrics.valid_loss if job.checkpoints else "")
    time.sleep(2)
if job.status != "SUCCESS":
    raise SystemExit(job.events[0].data)

answer = client.chat.complete(
    model=job.fine_tuned_model,
    messages=[{"role": "user", "content": "please open the gate in the garage to 40 percent"}],
    temperature=0,
)
print(answer.choices[0].message.content)
