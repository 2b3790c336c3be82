"""Everything that the official Python SDK of OpenAI offers of Luthier's routes; every answer is validated strictly."""

import asyncio
import os
import time

import openai
from report import BAD_LINES, check, end, fails, preference_lines, sdk, training_lines

URL = os.environ["LUTHIER_TEST_URL"]
KEY = os.environ["LUTHIER_TEST_KEY"]
MODEL = os.environ["LUTHIER_TEST_MODEL"]
PROJECT = os.environ["LUTHIER_TEST_PROJECT"]
NOWHERE = "0" * 22
QUESTION = {"messages": [{"role": "user", "content": "what is number 3?"}], "max_completion_tokens": 12, "temperature": 0, "seed": 7}


def connect(base_url=URL + "/openai/v1", api_key=KEY, strict=True):
    return openai.OpenAI(base_url=base_url, api_key=api_key, admin_api_key=api_key, max_retries=0, _strict_response_validation=strict)


client = connect()
jobs = client.fine_tuning.jobs
permissions = connect(api_key=os.environ["LUTHIER_TEST_ADMIN_KEY"]).fine_tuning.checkpoints.permissions


def upload(name, lines, **more):
    return client.files.create(file=(name, lines.encode()), purpose="fine-tune", **more)


def until_ended(job_id):
    """The published loop."""
    job = jobs.retrieve(job_id)
    while job.status in ["validating_files", "queued", "running"]:
        time.sleep(0.2)
        job = jobs.retrieve(job_id)
    return job


def until(job_id, status):
    job = jobs.retrieve(job_id)
    while job.status != status:
        assert job.status in ["validating_files", "queued", "running"], job
        time.sleep(0.1)
        job = jobs.retrieve(job_id)
    return job


def api_fails(error_class, body, text="", code=None):
    error = fails(error_class, body, text=text)
    assert error.request_id and error.type and error.message, vars(error)
    assert code is None or error.code == code, error.code


sdk("openai")
train = upload("train.jsonl", training_lines(16))
valid = upload("valid.jsonl", training_lines(12))
many = upload("many.jsonl", training_lines(400))


@check("POST /files")
def _():
    file = upload("expiring.jsonl", training_lines(12), expires_after={"anchor": "created_at", "seconds": 3600})
    assert file.bytes == len(training_lines(12)) and file.expires_at == file.created_at + 3600, file
    assert client.files.wait_for_processing(file.id).status == "processed"


@check("GET /files")
def _():
    ids = [file.id for file in client.files.list(limit=2, order="asc", purpose="fine-tune")]
    assert len(set(ids)) == len(ids) and ids.index(train.id) < ids.index(many.id), ids
    large = os.environ.get("LUTHIER_TEST_LARGE_FILE")
    if large:
        sizes = {file.id: file.bytes for file in client.files.list(limit=100)}
        assert sizes[large] > 2**31, sizes[large]


@check("GET /files/{id}")
def _():
    assert client.files.retrieve(train.id) == train


@check("GET /files/{id}/content")
def _():
    assert client.files.content(train.id).read().decode() == training_lines(16)


def begin(size):
    return client.uploads.create(filename="parts.jsonl", purpose="fine-tune", bytes=size, mime_type="application/jsonl")


upload_id = None
parts = []


@check("POST /uploads")
def _():
    global upload_id
    given = begin(len(training_lines(12)))
    assert given.status == "pending" and given.file is None, given
    upload_id = given.id
    whole = client.uploads.upload_file_chunked(file=training_lines(40).encode(), filename="chunks.jsonl", bytes=len(training_lines(40)),
                                               mime_type="application/jsonl", purpose="fine-tune", part_size=1000)
    assert client.files.content(whole.file.id).read().decode() == training_lines(40)


@check("POST /uploads/{id}/parts")
def _():
    data = training_lines(12).encode()
    second = client.uploads.parts.create(upload_id, data=data[300:])
    first = client.uploads.parts.create(upload_id, data=data[:300])
    assert first.upload_id == upload_id
    parts.extend([first.id, second.id])


@check("POST /uploads/{id}/complete")
def _():
    done = client.uploads.complete(upload_id, part_ids=parts)
    assert done.status == "completed"
    assert client.files.content(done.file.id).read().decode() == training_lines(12)


@check("POST /uploads/{id}/cancel")
def _():
    assert client.uploads.cancel(begin(10).id).status == "cancelled"


job = None
long = None
checkpoint = None


@check("POST /fine_tuning/jobs")
def _():
    global job
    job = jobs.create(
        model=MODEL, training_file=train.id, validation_file=valid.id, suffix="python", seed=7,
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": "auto"}}},
        metadata={"suite": "openai-python"},
    )
    assert job.status == "validating_files" and job.seed == 7 and job.result_files == [], job
    assert job.metadata == {"suite": "openai-python"} and job.error is None, job


@check("POST /fine_tuning/jobs (hyperparameters)")
def _():
    global long
    long = jobs.create(model=MODEL, training_file=many.id, hyperparameters={"n_epochs": 50, "batch_size": 1})
    assert long.hyperparameters.n_epochs == 50, long


@check("POST /fine_tuning/jobs (Idempotency-Key)")
def _():
    headers = {"Idempotency-Key": f"python-{time.time_ns()}"}
    first = jobs.create(model=MODEL, training_file=train.id, extra_headers=headers)
    assert jobs.create(model=MODEL, training_file=train.id, extra_headers=headers).id == first.id
    api_fails(openai.UnprocessableEntityError, lambda: jobs.create(model=MODEL, training_file=train.id, suffix="other", extra_headers=headers))
    jobs.cancel(first.id)


@check("POST /fine_tuning/jobs (luthier settings)")
def _():
    settings = {"luthier.rank": "4", "luthier.targets": "q_proj+v_proj"}
    made = jobs.create(model=MODEL, training_file=train.id, metadata=settings, extra_headers={"Luthier-Training": "top_layers=1"})
    assert made.metadata == settings, made
    while jobs.retrieve(made.id).status == "validating_files":
        time.sleep(0.1)
    training = next(event.data["training"] for event in jobs.list_events(made.id) if "training" in (event.data or {}))
    assert (training["rank"], training["targets"], training["top_layers"]) == (4, ["q_proj", "v_proj"], 1), training
    jobs.cancel(made.id)
    api_fails(openai.BadRequestError, lambda: jobs.create(model=MODEL, training_file=train.id, metadata={"luthier.rnak": "4"}), "Did you mean rank?")


@check("GET /fine_tuning/jobs/{id}")
def _():
    global job
    job = until_ended(job.id)
    assert job.status == "succeeded" and job.error is None, job
    assert job.trained_tokens > 0 and job.finished_at >= job.created_at, job
    assert job.method.supervised.hyperparameters.n_epochs == 3, job
    csv = client.files.content(job.result_files[0]).read().decode()
    assert csv.splitlines()[0] == "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy", csv


@check("GET /fine_tuning/jobs")
def _():
    ids = [entry.id for entry in jobs.list(limit=2)]
    assert len(set(ids)) == len(ids) and ids.index(long.id) < ids.index(job.id), ids
    assert os.environ["LUTHIER_TEST_PAUSED_JOB"] in ids, ids
    tagged = [entry.id for entry in jobs.list(limit=1, metadata={"suite": "openai-python"})]
    assert job.id in tagged and long.id not in tagged, tagged


@check("GET /fine_tuning/jobs/{id}/events")
def _():
    events = list(jobs.list_events(job.id, limit=3))
    assert events[0].message == "The job has successfully completed", events[0]
    assert events[-1].message == f"Created fine-tuning job: {job.id}", events[-1]
    assert any(event.type == "metrics" and event.data["train_loss"] > 0 for event in events), events


@check("GET /fine_tuning/jobs/{id}/checkpoints")
def _():
    global checkpoint
    checkpoints = list(jobs.checkpoints.list(job.id, limit=1))
    assert [entry.step_number for entry in checkpoints] == [12, 8, 4], checkpoints
    checkpoint = checkpoints[1].fine_tuned_model_checkpoint
    assert checkpoint.endswith(":ckpt-step-8") and checkpoints[1].metrics.full_valid_loss > 0, checkpoints


@check("POST /fine_tuning/jobs/{id}/pause")
def _():
    until(long.id, "running")
    jobs.pause(long.id)
    until(long.id, "queued")


@check("POST /fine_tuning/jobs/{id}/resume")
def _():
    jobs.resume(long.id)
    until(long.id, "running")


@check("POST /fine_tuning/jobs/{id}/cancel")
def _():
    assert jobs.cancel(long.id).status == "cancelled"
    assert until_ended(long.id).fine_tuned_model is None


@check("GET /models")
def _():
    ids = [entry.id for entry in client.models.list()]
    assert MODEL in ids and job.fine_tuned_model in ids, ids


@check("GET /models/{model}")
def _():
    assert client.models.retrieve(job.fine_tuned_model).id == job.fine_tuned_model


@check("POST /chat/completions")
def _():
    answer = client.chat.completions.create(**QUESTION, model=job.fine_tuned_model)
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, answer
    two = client.chat.completions.create(
        **QUESTION, model=job.fine_tuned_model, n=2, logprobs=True, top_logprobs=2, stop=["\n"], logit_bias={"5": -100},
        presence_penalty=0.5, frequency_penalty=0.5,
    )
    assert [choice.index for choice in two.choices] == [0, 1], two
    assert len(two.choices[0].logprobs.content[0].top_logprobs) == 2, two


@check("POST /chat/completions (stream)")
def _():
    whole = client.chat.completions.create(**QUESTION, model=job.fine_tuned_model)
    text, usage = "", None
    for chunk in client.chat.completions.create(**QUESTION, model=job.fine_tuned_model, stream=True, stream_options={"include_usage": True}):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        usage = chunk.usage or usage
    assert text == whole.choices[0].message.content, text
    assert usage.total_tokens == whole.usage.total_tokens, usage
    with client.chat.completions.stream(**QUESTION, model=job.fine_tuned_model) as stream:
        assert stream.get_final_completion().choices[0].message.content == text


@check("POST /chat/completions (checkpoint)")
def _():
    assert client.chat.completions.create(**QUESTION, model=checkpoint).choices[0].message.role == "assistant"


@check("POST /completions")
def _():
    request = {"model": MODEL, "prompt": "The door", "max_tokens": 4, "temperature": 0, "logprobs": 2}
    assert len(client.completions.create(**request).choices[0].logprobs.tokens) == 4
    # The first token of an echo has no probability: null, as OpenAI sends it, which the SDK's own types do not admit.
    completion = connect(strict=False).completions.create(**request, echo=True)
    assert completion.choices[0].text.startswith("The door"), completion
    assert len(completion.choices[0].logprobs.tokens) == completion.usage.total_tokens, completion


@check("POST /completions (stream)")
def _():
    request = {"model": MODEL, "prompt": "The door", "max_tokens": 6, "temperature": 0}
    # The reason is null until the last chunk, as OpenAI sends it, which the SDK's own types do not admit.
    chunks = connect(strict=False).completions.create(**request, stream=True)
    text = "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)
    assert text == client.completions.create(**request).choices[0].text, text


@check("POST /fine_tuning/jobs (continue)")
def _():
    following = jobs.create(model=job.fine_tuned_model, training_file=train.id, hyperparameters={"n_epochs": 1})
    assert following.model == job.fine_tuned_model, following
    assert until_ended(following.id).status == "succeeded"


@check("POST /fine_tuning/jobs (dpo)")
def _():
    pairs = upload("pairs.jsonl", preference_lines(40))
    held_out = upload("held-out.jsonl", preference_lines(12))
    for model in [MODEL, job.fine_tuned_model]:
        made = jobs.create(
            model=model, training_file=pairs.id, validation_file=held_out.id,
            method={"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 4}}},
        )
        assert made.method.dpo.hyperparameters.beta == 0.2 and made.method.dpo.hyperparameters.batch_size == "auto", made
        ended = until_ended(made.id)
        assert ended.status == "succeeded", ended
        assert ended.method.type == "dpo" and ended.method.supervised is None, ended
        assert ended.method.dpo.hyperparameters.batch_size == ended.hyperparameters.batch_size == 8, ended
        steps = [event.data for event in jobs.list_events(made.id) if event.type == "metrics"]
        assert len(steps) == 20 and abs(steps[-1]["train_loss"] - 0.693) < 0.005, steps[-1]
        assert steps[0]["train_loss"] < steps[-1]["train_loss"] and steps[0]["train_reward_margin"] > 0, steps[0]
        assert steps[0]["full_valid_reward_accuracy"] >= 0.9, steps[0]
        csv = client.files.content(ended.result_files[0]).read().decode()
        assert "train_reward_margin" in csv.splitlines()[0].split(","), csv


granted = None


@check("POST /fine_tuning/checkpoints/{model}/permissions")
def _():
    global granted
    granted = list(permissions.create(checkpoint, project_ids=[PROJECT]))[0]
    assert granted.project_id == PROJECT, granted


@check("GET /fine_tuning/checkpoints/{model}/permissions")
def _():
    assert granted.id in [entry.id for entry in permissions.list(checkpoint, limit=1)]


@check("DELETE /fine_tuning/checkpoints/{model}/permissions/{id}")
def _():
    assert permissions.delete(granted.id, fine_tuned_model_checkpoint=checkpoint).deleted


@check("400 training file")
def _():
    api_fails(openai.BadRequestError, lambda: upload("bad.jsonl", BAD_LINES), "ine 12")


@check("400 parameter")
def _():
    api_fails(openai.BadRequestError, lambda: jobs.create(model=MODEL, training_file=train.id, hyperparameters={"n_epochs": 51}), "n_epochs")
    api_fails(openai.BadRequestError, lambda: jobs.create(model=MODEL, training_file=train.id, method={"type": "reinforcement"}), "reinforcement")
    api_fails(openai.BadRequestError, lambda: client.chat.completions.create(model=MODEL, messages=QUESTION["messages"], temperature=3), "temperature")


@check("401")
def _():
    api_fails(openai.AuthenticationError, lambda: connect(api_key="wrong").models.list(), code="invalid_api_key")


@check("404 job")
def _():
    api_fails(openai.NotFoundError, lambda: jobs.retrieve("ftjob-" + NOWHERE))


@check("404 file")
def _():
    api_fails(openai.NotFoundError, lambda: client.files.retrieve("file-" + NOWHERE))


@check("404 model")
def _():
    api_fails(openai.NotFoundError, lambda: client.models.retrieve("no-such-model"), code="model_not_found")
    api_fails(openai.NotFoundError, lambda: client.chat.completions.create(**QUESTION, model="no-such-model"), code="model_not_found")


@check("409")
def _():
    api_fails(openai.ConflictError, lambda: jobs.resume(job.id))


@check("429")
def _():
    limited = connect(os.environ["LUTHIER_TEST_LIMITED_URL"] + "/openai/v1", os.environ["LUTHIER_TEST_LIMITED_KEY"])

    def flood():
        while True:
            limited.models.list()

    api_fails(openai.RateLimitError, flood)


@check("DELETE /models/{model}")
def _():
    assert client.models.delete(job.fine_tuned_model).deleted
    api_fails(openai.NotFoundError, lambda: client.models.retrieve(job.fine_tuned_model))


@check("DELETE /files/{id}")
def _():
    file = upload("gone.jsonl", training_lines(12))
    assert client.files.delete(file.id).deleted
    api_fails(openai.NotFoundError, lambda: client.files.retrieve(file.id))


@check("any route under /v1")
def _():
    async def asynchronously():
        async with openai.AsyncOpenAI(base_url=URL + "/v1", api_key=KEY) as bare:
            assert (await bare.fine_tuning.jobs.retrieve(job.id)).object == "fine_tuning.job"
            assert all([entry.id.startswith("ftjob-") async for entry in bare.fine_tuning.jobs.list()])
            assert all([file.id.startswith("file-") async for file in bare.files.list()])

    asyncio.run(asynchronously())


end()
