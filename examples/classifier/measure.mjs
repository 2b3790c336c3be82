// Trains a classifier on the data beside this file and measures it on the two held-out files, before and after. Needs Node 20 and no SDK.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const url = (process.env.LUTHIER_URL ?? "http://127.0.0.1:8000") + "/mistral/v1";
const model = process.env.LUTHIER_MODEL ?? "luthier-tiny";
const headers = { Authorization: `Bearer ${process.env.LUTHIER_API_KEY}` };
const BINS = 10;

async function call(path, options = {}) {
  const response = await fetch(url + path, { ...options, headers: { ...headers, ...options.headers } });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const read = (name) => readFile(new URL(name, import.meta.url), "utf8");
const lines = (text) => text.trim().split("\n").map((line) => JSON.parse(line));

async function upload(name) {
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", new Blob([await read(name)]), name);
  return (await call("/files", { method: "POST", body: form })).id;
}

async function train(trainFile, validFile, hyperparameters) {
  let job = await post("/fine_tuning/jobs", {
    model, job_type: "classifier", training_files: [trainFile], validation_files: [validFile], hyperparameters, auto_start: true,
  });
  while (["QUEUED", "RUNNING"].includes(job.status)) {
    await sleep(1000);
    job = await call(`/fine_tuning/jobs/${job.id}`);
  }
  if (job.status !== "SUCCESS") throw new Error(JSON.stringify(job.events[0].data));
  return job.fine_tuned_model;
}

/** The results of samples in their order; texts and conversations have a route each. */
async function classify(name, samples) {
  const results = new Array(samples.length);
  for (const [path, key, input] of [
    ["/classifications", "text", (sample) => sample.text],
    ["/chat/classifications", "messages", (sample) => ({ messages: sample.messages })],
  ]) {
    const places = [...samples.keys()].filter((i) => key in samples[i]);
    const answer = await post(path, { model: name, input: places.map((i) => input(samples[i])) });
    places.forEach((place, i) => { results[place] = answer.results[i]; });
  }
  return results;
}

/** Expected calibration error: how far confidence and accuracy are apart, on average over bins of confidence. */
function calibrationError(told) {
  let error = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const inside = told.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === bin);
    error += Math.abs(inside.reduce((sum, { confidence, right }) => sum + confidence - (right ? 1 : 0), 0)) / told.length;
  }
  return error;
}

async function measure(name, file) {
  const samples = lines(await read(file));
  const results = await classify(name, samples);
  const intents = results.map(({ intent }, i) => {
    const [label, confidence] = Object.entries(intent.scores).sort((a, b) => b[1] - a[1])[0];
    return { confidence, right: label === samples[i].labels.intent };
  });
  const topics = results.map(({ topics }, i) =>
    Object.entries(topics.scores).every(([label, score]) => score >= 0.5 === samples[i].labels.topics.includes(label)));
  const share = (list) => (100 * list.filter(Boolean).length / list.length).toFixed(1);
  return { "intent %": share(intents.map(({ right }) => right)), "topics, all right %": share(topics),
    "calibration error of intent": calibrationError(intents).toFixed(3) };
}

const files = [await upload("train.jsonl"), await upload("valid.jsonl")];
// A step at rate 0 learns nothing: the head is as it was drawn.
const classifiers = {
  before: await train(...files, { training_steps: 1, learning_rate: 0 }),
  after: await train(...files, { training_steps: Number(process.env.STEPS ?? 300), learning_rate: 0.002 }),
};
const table = {};
for (const [when, name] of Object.entries(classifiers)) {
  for (const file of ["combinations.jsonl", "phrasing.jsonl"]) table[`${when}, ${file}`] = await measure(name, file);
}
console.table(table);
