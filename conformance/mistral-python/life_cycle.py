"""Everything that the official Python SDK of Mistral offers of Luthier's routes; both generations share it."""

import os
import time
import urllib.request

from report import BAD_LINES, check, end, fails, labelled_lines, sdk, training_lines

URL = os.environ["LUTHIER_TEST_URL"]
KEY = os.environ["LUTHIER_TEST_KEY"]
MODEL = os.environ["LUTHIER_TEST_MODEL"]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
QUESTION = {"messages": [{"role": "user", "content": "what is number 3?"}], "max_tokens": 12, "temperature": 0, "random_seed": 7}
FINAL = ["SUCCESS", "FAILED", "FAILED_VALIDATION", "CANCELLED"]


def run(Mistral, SDKError, HTTPValidationError, chat_input):
    """The arguments are the SDK's client class, its two classes of errors, and what it calls a conversation to classify."""

    def connect(server_url=URL + "/mistral", api_key=KEY):
        return Mistral(server_url=server_url, api_key=api_key)

    client = connect()
    jobs = client.fine_tuning.jobs

    def upload(name, lines):
        return client.files.upload(file={"file_name": name, "content": lines.encode()}, purpose="fine-tune")

    def until(job_id, status):
        job = jobs.get(job_id=job_id)
        while job.status != status:
            assert job.status not in FINAL, job
            time.sleep(0.1)
            job = jobs.get(job_id=job_id)
        return job

    def everything(page_of):
        """All items of a numbered list."""
        items, number = [], 0
        while True:
            page = page_of(page=number, page_size=2)
            items += page.data or []
            number += 1
            if not page.data:
                assert page.total == len(items) == len({item.id for item in items}), (page.total, len(items))
                return items

    sdk("mistralai")
    state = {}
    train = upload("train.jsonl", training_lines(16))
    valid = upload("valid.jsonl", training_lines(3))

    @check("POST /files")
    def _():
        assert valid.size_bytes == len(training_lines(3)) and valid.num_lines == 3, valid
        assert valid.sample_type == "instruct" and valid.purpose == "fine-tune", valid

    @check("GET /files")
    def _():
        ids = [file.id for file in everything(client.files.list)]
        assert train.id in ids and valid.id in ids, ids

    @check("GET /files/{id}")
    def _():
        again = client.files.retrieve(file_id=valid.id)
        assert again.filename == "valid.jsonl" and again.deleted is False, again

    @check("GET /files/{id}/content")
    def _():
        assert client.files.download(file_id=valid.id).read().decode() == training_lines(3)

    @check("GET /files/{id}/url")
    def _():
        with urllib.request.urlopen(client.files.get_signed_url(file_id=valid.id).url) as answer:
            assert answer.read().decode() == training_lines(3)

    @check("POST /fine_tuning/jobs")
    def _():
        state["job"] = jobs.create(
            model=MODEL, training_files=[{"file_id": train.id, "weight": 1}], validation_files=[valid.id],
            hyperparameters={"training_steps": 12, "learning_rate": 0.002}, suffix="python", auto_start=True,
        )
        assert state["job"].training_files == [train.id] and state["job"].job_type == "completion", state["job"]
        state["waiting"] = jobs.create(
            model=MODEL, training_files=[{"file_id": train.id, "weight": 1}],
            hyperparameters={"training_steps": 5000, "learning_rate": 0.002}, auto_start=False,
        )

    @check("POST /fine_tuning/jobs (luthier settings)")
    def _():
        def create(header):
            return jobs.create(model=MODEL, training_files=[{"file_id": train.id, "weight": 1}], hyperparameters={"training_steps": 5},
                               http_headers={"Luthier-Training": header})
        made = until(create("rank=4, targets=q_proj+v_proj, top_layers=1").id, "VALIDATED")
        training = next(event.data["training"] for event in made.events if "training" in (event.data or {}))
        assert (training["rank"], training["targets"], training["top_layers"]) == (4, ["q_proj", "v_proj"], 1), training
        jobs.cancel(job_id=made.id)
        fails(SDKError, lambda: create("rnak=4"), 400, "Did you mean rank?")

    @check("GET /fine_tuning/jobs/{id}")
    def _():
        job = jobs.get(job_id=state["job"].id)
        while job.status in ["RUNNING", "QUEUED"]:
            time.sleep(0.2)
            job = jobs.get(job_id=job.id)
        assert job.status == "SUCCESS", job
        assert job.hyperparameters.training_steps == 12 and job.hyperparameters.learning_rate == 0.002, job
        assert job.events[0].data["status"] == "SUCCESS", job.events
        assert job.checkpoints[0].step_number == 12 and job.checkpoints[0].metrics.valid_loss > 0, job.checkpoints
        state["job"] = job

    @check("GET /fine_tuning/jobs")
    def _():
        ids = [entry.id for entry in everything(jobs.list)]
        assert ids.index(state["waiting"].id) < ids.index(state["job"].id), ids
        page = jobs.list(status="SUCCESS", model=MODEL, page_size=5)
        assert state["job"].id in [entry.id for entry in page.data], page

    @check("POST /fine_tuning/jobs/{id}/start")
    def _():
        waiting = until(state["waiting"].id, "VALIDATED")
        assert waiting.metadata.train_tokens > 0, waiting
        jobs.start(job_id=waiting.id)
        until(waiting.id, "RUNNING")

    @check("POST /fine_tuning/jobs/{id}/cancel")
    def _():
        jobs.cancel(job_id=state["waiting"].id)
        until(state["waiting"].id, "CANCELLED")
        assert jobs.cancel(job_id=state["waiting"].id).status == "CANCELLED"

    @check("GET /models")
    def _():
        ids = [entry.id for entry in client.models.list().data]
        assert MODEL in ids and state["job"].fine_tuned_model in ids, ids

    @check("GET /models/{model}")
    def _():
        card = client.models.retrieve(model_id=state["job"].fine_tuned_model)
        assert card.job == state["job"].id, card

    @check("POST /chat/completions")
    def _():
        state["answer"] = client.chat.complete(**QUESTION, model=state["job"].fine_tuned_model)
        usage = state["answer"].usage
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage

    @check("POST /chat/completions (stream)")
    def _():
        text, last = "", None
        with client.chat.stream(**QUESTION, model=state["job"].fine_tuned_model) as events:
            for event in events:
                last = event.data
                text += last.choices[0].delta.content or ""
        assert text == state["answer"].choices[0].message.content, text
        assert last.choices[0].finish_reason and last.usage.total_tokens == state["answer"].usage.total_tokens, last

    def told(answer, count):
        """Every input has a result, whose scores are those of one label among two."""
        assert len(answer.results) == count, answer
        for result in answer.results:
            scores = result["parity"].scores
            assert list(scores) == ["even", "odd"] and abs(sum(scores.values()) - 1) < 1e-6, answer

    @check("POST /fine_tuning/jobs (classifier)")
    def _():
        made = jobs.create(
            model=MODEL, job_type="classifier", training_files=[{"file_id": upload("labels.jsonl", labelled_lines(16)).id, "weight": 1}],
            hyperparameters={"training_steps": 4, "learning_rate": 0.002}, auto_start=False,
        )
        assert made.job_type == "classifier", made
        made = until(made.id, "VALIDATED")
        (target,) = made.classifier_targets
        assert (target.name, target.labels, target.weight, target.loss_function) == ("parity", ["even", "odd"], 1, "single_class"), target
        assert made.hyperparameters.seq_len > 0 and made.hyperparameters.epochs > 0 and made.metadata.train_tokens > 0, made
        jobs.start(job_id=made.id)
        state["classifier"] = until(made.id, "SUCCESS").fine_tuned_model
        assert state["classifier"].startswith("ft:classifier:"), state
        assert len(client.models.update(model_id=state["classifier"], name="parity").classifier_targets) == 1
        assert client.models.retrieve(model_id=state["classifier"]).capabilities.classification

    @check("POST /classifications")
    def _():
        told(client.classifiers.classify(model=state["classifier"], inputs=["number 3", "number 4"]), 2)
        fails(SDKError, lambda: client.classifiers.classify(model=MODEL, inputs="number 3"), 400, "is not a classifier")
        fails(HTTPValidationError, lambda: client.classifiers.classify(model=state["classifier"], inputs=[]), 422)

    @check("POST /chat/classifications")
    def _():
        conversation = {"messages": [{"role": "user", "content": "number 3"}]}
        told(client.classifiers.classify_chat(model=state["classifier"], **{chat_input: conversation}), 1)
        fails(SDKError, lambda: client.chat.complete(**QUESTION, model=state["classifier"]), 400, "is a classifier")

    @check("PATCH /fine_tuning/models/{model}")
    def _():
        assert client.models.update(model_id=state["job"].fine_tuned_model, name="numbers").name == "numbers"

    @check("POST /fine_tuning/models/{model}/archive")
    def _():
        assert client.models.archive(model_id=state["job"].fine_tuned_model).archived

    @check("DELETE /fine_tuning/models/{model}/archive")
    def _():
        assert not client.models.unarchive(model_id=state["job"].fine_tuned_model).archived

    @check("400 training file")
    def _():
        fails(SDKError, lambda: upload("bad.jsonl", BAD_LINES), 400, "line 12")

    @check("400 parameter")
    def _():
        files = [{"file_id": train.id, "weight": 1}]
        fails(SDKError, lambda: jobs.create(model=MODEL, training_files=files, hyperparameters={"learning_rate": -1}), 400, "learning_rate")

    @check("401")
    def _():
        fails(SDKError, lambda: connect(api_key="wrong").models.list(), 401)

    @check("404 job")
    def _():
        fails(SDKError, lambda: jobs.get(job_id=UNKNOWN), 404)

    @check("404 file")
    def _():
        fails(SDKError, lambda: client.files.retrieve(file_id=UNKNOWN), 404)

    @check("404 model")
    def _():
        fails(SDKError, lambda: client.models.delete(model_id="no-such-model"), 404, "no-such-model")

    @check("409")
    def _():
        fails(SDKError, lambda: jobs.start(job_id=state["job"].id), 409, "VALIDATED")

    @check("422 chat")
    def _():
        error = fails(HTTPValidationError, lambda: client.chat.complete(model=MODEL, messages=QUESTION["messages"], temperature=9), 422)
        assert "temperature" in error.data.detail[0].loc, error.data

    @check("429")
    def _():
        limited = connect(os.environ["LUTHIER_TEST_LIMITED_URL"] + "/mistral", os.environ["LUTHIER_TEST_LIMITED_KEY"])

        def flood():
            while True:
                limited.models.list()

        fails(SDKError, flood, 429)

    @check("DELETE /models/{model}")
    def _():
        assert client.models.delete(model_id=state["job"].fine_tuned_model).deleted
        fails(SDKError, lambda: client.models.delete(model_id=state["job"].fine_tuned_model), 404)

    @check("DELETE /files/{id}")
    def _():
        assert client.files.delete(file_id=valid.id).deleted
        fails(SDKError, lambda: client.files.retrieve(file_id=valid.id), 404)

    @check("any route under /v1")
    def _():
        bare = connect(server_url=URL)
        assert bare.fine_tuning.jobs.get(job_id=state["job"].id).status == "SUCCESS"
        assert bare.fine_tuning.jobs.list(page_size=3).data
        assert bare.files.retrieve(file_id=train.id).id == train.id

    end()
