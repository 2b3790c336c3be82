"""Makes a data directory as an earlier commit leaves it, reduced to text.

    make.py CHECKOUT OUT

CHECKOUT is a built work tree of the commit (./mvnw -Pfast package), OUT the folder that is written: dump.sql, the bytes of
the training file, and of each run directory the JSON documents. One job has succeeded, one is paused where the commit can
pause, one is back in the queue with a checkpoint, one is queued and was never started. Paths of the data directory and of
the bundled models are written as @DATA@ and @MODELS@; the 3,000 steps that jobs ask for, to be still there when the
server stops, as 40.
"""
import json, os, pathlib, re, shutil, signal, sqlite3, subprocess, sys, tempfile, time, urllib.request

checkout, out = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
data = pathlib.Path(tempfile.mkdtemp())
TABLES = ["organizations", "projects", "files", "file_uses", "jobs", "job_events", "job_metrics", "job_snapshots",
          "fine_tuned_models", "flyway_schema_history"]
KEPT = ["run.json", "outcome.json", "progress.jsonl", "desired"]
process = None


def serve():
    global process
    (data / "server.json").unlink(missing_ok=True)
    environment = dict(os.environ, LUTHIER_BIN=str(checkout / "luthier"), LUTHIER_AOT_CACHE="off", OMP_NUM_THREADS="1")
    process = subprocess.Popen([checkout / "luthier", "serve", "--data-dir", data, "--port", "0",
                                "--runs.interval-millis", "20"], env=environment, stdout=subprocess.DEVNULL)
    while not (data / "server.json").exists():
        time.sleep(0.1)


def call(path, body=None, kind="application/json"):
    url = json.loads((data / "server.json").read_text())["url"] + path
    request = urllib.request.Request(url, data=body, headers={
        "Authorization": "Bearer " + (data / "admin.key").read_text().strip(), "Content-Type": kind})
    return json.load(urllib.request.urlopen(request))


def job(steps):
    body = {"model": "luthier-tiny", "training_files": [file], "auto_start": True,
            "hyperparameters": {"training_steps": steps, "learning_rate": 0.002}}
    return call("/mistral/v1/fine_tuning/jobs", json.dumps(body).encode())["id"]


def until(id, enough):
    while not enough(call("/luthier/v1/jobs/" + id)):
        time.sleep(0.02)


serve()
lines = "".join(json.dumps({"messages": [{"role": "user", "content": f"number {i}"},
                                         {"role": "assistant", "content": f"it is {i * 7}"}]}) + "\n" for i in range(12))
form = ("--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--b\r\nContent-Disposition: form-data; "
        "name=\"file\"; filename=\"train.jsonl\"\r\n\r\n" + lines + "\r\n--b--\r\n")
file = call("/mistral/v1/files", form.encode(), "multipart/form-data; boundary=b")["id"]
succeeded = job(3)
until(succeeded, lambda status: status["state"] == "SUCCEEDED")
paused = job(3000)
until(paused, lambda status: status["progress"]["step"] >= 3)
try:
    call(f"/openai/v1/fine_tuning/jobs/{paused}/pause", b"")
    until(paused, lambda status: status["state"] == "PAUSED")
    requeued = job(3000)
    until(requeued, lambda status: status["state"] == "RUNNING" and status["progress"]["step"] >= 3)
except urllib.error.HTTPError:
    requeued = paused
queued = job(20)
until(queued, lambda status: status["state"] == "WAITING")
process.send_signal(signal.SIGTERM)
process.wait()

models = str(checkout / "models")
text = lambda content: re.sub(r'("(?:steps|totalSteps)" ?: ?)3000', r"\g<1>40",
                              content.replace(str(data), "@DATA@").replace(models, "@MODELS@"))
shutil.rmtree(out, ignore_errors=True)
(out / "files").mkdir(parents=True)
database = sqlite3.connect(data / "db" / "luthier.db")
database.executescript("delete from job_metrics; delete from job_events where sequence > 2 and message not like '%succ%';")
for table in [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]:
    if table not in TABLES and not table.startswith("sqlite_"):
        database.execute(f"delete from {table}")
database.commit()
(out / "dump.sql").write_text(text("\n".join(database.iterdump())) + "\n")
shutil.copy(data / "files" / file, out / "files" / file)
for run in (data / "runs").iterdir():
    documents = [run / name for name in KEPT] + list(run.glob("checkpoints/step-*/state.json"))
    for document in documents:
        if document.exists():
            target = out / "runs" / document.relative_to(data / "runs")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text(document.read_text()))
commit = subprocess.run(["git", "-C", checkout, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout
(out / "made-by").write_text(f"commit {commit}jobs succeeded {succeeded} paused {paused if paused != requeued else '-'} "
                             f"requeued {requeued} queued {queued}\n")
shutil.rmtree(data)
