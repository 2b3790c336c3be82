// Everything that the official Node SDK offers of Luthier's routes, in the order in which a user meets it.
import assert from "node:assert/strict";
import OpenAI, { toFile } from "openai";
import { BAD_LINES, check, end, preferenceLines, sdk, sleep, trainingLines } from "../report.mjs";

const url = process.env.LUTHIER_TEST_URL;
const apiKey = process.env.LUTHIER_TEST_KEY;
const model = process.env.LUTHIER_TEST_MODEL;
const project = process.env.LUTHIER_TEST_PROJECT;
const connect = (options) => new OpenAI({ baseURL: `${url}/openai/v1`, apiKey, adminAPIKey: apiKey, maxRetries: 0, ...options });
const client = connect({});
const jobs = client.fineTuning.jobs;
const adminKey = process.env.LUTHIER_TEST_ADMIN_KEY;
const permissions = connect({ apiKey: adminKey, adminAPIKey: adminKey }).fineTuning.checkpoints.permissions;
const messages = [{ role: "user", content: "what is number 3?" }];
const NOWHERE = "0000000000000000000000";

const upload = (name, lines, more) =>
  toFile(Buffer.from(lines), name).then((file) => client.files.create({ file, purpose: "fine-tune", ...more }));

/** All items of an auto-paged list. */
async function all(page) {
  const items = [];
  for await (const item of page) items.push(item);
  return items;
}

/** The published loop. */
async function untilEnded(id) {
  let job = await jobs.retrieve(id);
  while (["validating_files", "queued", "running"].includes(job.status)) {
    await sleep(200);
    job = await jobs.retrieve(id);
  }
  return job;
}

async function until(id, status) {
  let job = await jobs.retrieve(id);
  while (job.status !== status) {
    assert.ok(!["succeeded", "failed", "cancelled"].includes(job.status), `waiting for ${status}: ${JSON.stringify(job)}`);
    await sleep(100);
    job = await jobs.retrieve(id);
  }
  return job;
}

function assertJob(job) {
  assert.match(job.id, /^ftjob-[0-9A-Za-z]{22}$/);
  assert.equal(job.object, "fine_tuning.job");
  for (const key of ["error", "fine_tuned_model", "finished_at", "trained_tokens", "validation_file"]) {
    assert.ok(key in job, `${key} is missing`);
  }
  assert.ok(Number.isInteger(job.seed));
  assert.match(job.organization_id, /^org-/);
}

/** The SDK's class for a status, with the four keys of the error body and the request's id. */
const fails = (promise, type, more = {}) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof type, `${error?.constructor?.name}: ${error?.message}`);
  for (const key of ["message", "type", "param", "code"]) assert.ok(key in error.error, `${key} is missing`);
  assert.ok(error.requestID);
  if (more.code) assert.equal(error.code, more.code);
  if (more.message) assert.match(error.message, more.message);
  return true;
});

sdk("openai", ".");
let train;
let valid;
let job;
let long;
let checkpoint;
let many;

await check("POST /files", async () => {
  train = await upload("train.jsonl", trainingLines(16), { expires_after: { anchor: "created_at", seconds: 3600 } });
  assert.match(train.id, /^file-/);
  assert.equal(train.purpose, "fine-tune");
  assert.equal(train.expires_at, train.created_at + 3600);
  assert.equal(train.bytes, Buffer.byteLength(trainingLines(16)));
  valid = await upload("valid.jsonl", trainingLines(12));
  many = await upload("many.jsonl", trainingLines(400));
  assert.equal((await client.files.waitForProcessing(train.id)).status, "processed");
});
await check("GET /files", async () => {
  const listed = await all(client.files.list({ limit: 1, order: "asc", purpose: "fine-tune" }));
  const ids = listed.map((file) => file.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.includes(train.id) && ids.includes(valid.id));
  const newest = await client.files.list({ limit: 2 });
  assert.ok(newest.data[0].created_at >= newest.data[1].created_at);
});
await check("GET /files/{id}", async () => {
  assert.deepEqual(await client.files.retrieve(valid.id), valid);
});
await check("GET /files/{id}/content", async () => {
  assert.equal(await (await client.files.content(valid.id)).text(), trainingLines(12));
});
await check("POST /uploads", async () => {
  const bytes = Buffer.from(trainingLines(12));
  const whole = await client.uploads.create({ filename: "parts.jsonl", purpose: "fine-tune", bytes: bytes.length, mime_type: "application/jsonl" });
  assert.equal(whole.status, "pending");
  let parts;
  await check("POST /uploads/{id}/parts", async () => {
    const second = await client.uploads.parts.create(whole.id, { data: await toFile(bytes.subarray(300)) });
    const first = await client.uploads.parts.create(whole.id, { data: await toFile(bytes.subarray(0, 300)) });
    assert.equal(first.upload_id, whole.id);
    parts = [first.id, second.id];
  });
  await check("POST /uploads/{id}/complete", async () => {
    const completed = await client.uploads.complete(whole.id, { part_ids: parts });
    assert.equal(completed.status, "completed");
    assert.equal(await (await client.files.content(completed.file.id)).text(), bytes.toString());
  });
});
await check("POST /uploads/{id}/cancel", async () => {
  const given = await client.uploads.create({ filename: "never.jsonl", purpose: "fine-tune", bytes: 10, mime_type: "application/jsonl" });
  assert.equal((await client.uploads.cancel(given.id)).status, "cancelled");
});

await check("POST /fine_tuning/jobs", async () => {
  job = await jobs.create({
    model,
    training_file: train.id,
    validation_file: valid.id,
    suffix: "node",
    seed: 7,
    method: { type: "supervised", supervised: { hyperparameters: { n_epochs: 3, batch_size: 4, learning_rate_multiplier: "auto" } } },
    metadata: { suite: "openai-node" },
  });
  assertJob(job);
  assert.equal(job.status, "validating_files");
  assert.equal(job.seed, 7);
  assert.deepEqual(job.result_files, []);
  assert.deepEqual(job.metadata, { suite: "openai-node" });
});
await check("POST /fine_tuning/jobs (hyperparameters)", async () => {
  long = await jobs.create({ model, training_file: many.id, hyperparameters: { n_epochs: 50, batch_size: 1 } });
  assertJob(long);
  assert.equal(long.hyperparameters.n_epochs, 50);
});
await check("POST /fine_tuning/jobs (Idempotency-Key)", async () => {
  const body = { model, training_file: train.id };
  const headers = { "Idempotency-Key": `node-${Date.now()}` };
  const first = await jobs.create(body, { headers });
  assert.equal((await jobs.create(body, { headers })).id, first.id);
  await fails(jobs.create({ ...body, suffix: "other" }, { headers }), OpenAI.UnprocessableEntityError);
  await jobs.cancel(first.id);
});
await check("POST /fine_tuning/jobs (luthier settings)", async () => {
  const settings = { "luthier.rank": "4", "luthier.targets": "q_proj+v_proj" };
  const body = { model, training_file: train.id };
  const made = await jobs.create({ ...body, metadata: settings }, { headers: { "Luthier-Training": "top_layers=1" } });
  assert.deepEqual(made.metadata, settings);
  while ((await jobs.retrieve(made.id)).status === "validating_files") await sleep(100);
  const { training } = (await all(jobs.listEvents(made.id))).find((event) => event.data?.training).data;
  assert.deepEqual([training.rank, training.targets, training.top_layers], [4, ["q_proj", "v_proj"], 1]);
  await jobs.cancel(made.id);
  await fails(jobs.create({ ...body, metadata: { "luthier.rnak": "4" } }), OpenAI.BadRequestError, { message: /Did you mean rank\?/ });
});
await check("GET /fine_tuning/jobs/{id}", async () => {
  const ended = await untilEnded(job.id);
  assertJob(ended);
  assert.equal(ended.status, "succeeded", JSON.stringify(ended));
  assert.equal(ended.error, null);
  assert.match(ended.fine_tuned_model, new RegExp(`^ft:${model}:[^:]*:node:`));
  assert.ok(ended.trained_tokens > 0);
  assert.ok(ended.finished_at >= ended.created_at);
  assert.deepEqual(ended.method.supervised.hyperparameters.n_epochs, 3);
  assert.equal(typeof ended.method.supervised.hyperparameters.learning_rate_multiplier, "number");
  const csv = await (await client.files.content(ended.result_files[0])).text();
  assert.equal(csv.split("\n")[0], "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy");
  job = ended;
});
await check("GET /fine_tuning/jobs", async () => {
  const ids = (await all(jobs.list({ limit: 2 }))).map((entry) => entry.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.includes(job.id) && ids.includes(long.id));
  assert.ok(ids.indexOf(long.id) < ids.indexOf(job.id), "newest first");
  assert.ok(ids.includes(process.env.LUTHIER_TEST_PAUSED_JOB));
  const tagged = await all(jobs.list({ limit: 1, metadata: { suite: "openai-node" } }));
  assert.ok(tagged.length > 0 && tagged.every((entry) => entry.metadata.suite === "openai-node"));
});
await check("GET /fine_tuning/jobs/{id}/events", async () => {
  const events = await all(jobs.listEvents(job.id, { limit: 3 }));
  const texts = events.map((event) => event.message).reverse();
  assert.equal(texts[0], `Created fine-tuning job: ${job.id}`);
  assert.equal(texts.at(-1), "The job has successfully completed");
  assert.ok(texts.includes(`New fine-tuned model created: ${job.fine_tuned_model}`));
  const metrics = events.find((event) => event.type === "metrics");
  assert.match(metrics.message, /^Step \d+\/\d+: training loss=\d+\.\d\d/);
  assert.ok(metrics.data.train_loss > 0);
});
await check("GET /fine_tuning/jobs/{id}/checkpoints", async () => {
  const checkpoints = await all(jobs.checkpoints.list(job.id, { limit: 1 }));
  assert.deepEqual(checkpoints.map((entry) => entry.step_number), [12, 8, 4]);
  checkpoint = checkpoints[1];
  assert.match(checkpoint.id, /^ftckpt_/);
  assert.match(checkpoint.fine_tuned_model_checkpoint, /:ckpt-step-8$/);
  assert.ok(checkpoint.metrics.full_valid_loss > 0);
});

await check("POST /fine_tuning/jobs/{id}/pause", async () => {
  await until(long.id, "running");
  assertJob(await jobs.pause(long.id));
  const paused = await until(long.id, "queued");
  assert.equal(paused.estimated_finish ?? null, null);
  assert.ok((await jobs.listEvents(long.id)).data.some((event) => /paused/i.test(event.message)));
});
await check("POST /fine_tuning/jobs/{id}/resume", async () => {
  assertJob(await jobs.resume(long.id));
  await until(long.id, "running");
});
await check("POST /fine_tuning/jobs/{id}/cancel", async () => {
  const cancelled = await jobs.cancel(long.id);
  assertJob(cancelled);
  assert.equal(cancelled.status, "cancelled");
  assert.equal((await untilEnded(long.id)).fine_tuned_model, null);
});

await check("GET /models", async () => {
  const ids = (await all(client.models.list())).map((entry) => entry.id);
  assert.ok(ids.includes(model) && ids.includes(job.fine_tuned_model));
});
await check("GET /models/{model}", async () => {
  const card = await client.models.retrieve(job.fine_tuned_model);
  assert.equal(card.id, job.fine_tuned_model);
  assert.equal(card.object, "model");
});
const question = { messages, max_completion_tokens: 12, temperature: 0, seed: 7 };
let answer;
await check("POST /chat/completions", async () => {
  answer = await client.chat.completions.create({ ...question, model: job.fine_tuned_model });
  assert.equal(answer.object, "chat.completion");
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  const two = await client.chat.completions.create({
    ...question, model: job.fine_tuned_model, messages: [{ role: "developer", content: "Be brief." }, ...messages],
    n: 2, logprobs: true, top_logprobs: 2, stop: ["\n"], logit_bias: { 5: -100 }, presence_penalty: 0.5, frequency_penalty: 0.5,
  });
  assert.deepEqual(two.choices.map((choice) => choice.index), [0, 1]);
  assert.equal(two.choices[0].logprobs.content[0].top_logprobs.length, 2);
});
await check("POST /chat/completions (stream)", async () => {
  let text = "";
  let usage;
  let finish;
  for await (const chunk of await client.chat.completions.create({ ...question, model: job.fine_tuned_model, stream: true, stream_options: { include_usage: true } })) {
    text += chunk.choices[0]?.delta.content ?? "";
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, answer.choices[0].message.content);
  assert.equal(finish, answer.choices[0].finish_reason);
  assert.deepEqual(usage.total_tokens, answer.usage.total_tokens);
  const accumulated = await client.chat.completions.stream({ ...question, model: job.fine_tuned_model }).finalChatCompletion();
  assert.equal(accumulated.choices[0].message.content, text);
});
await check("POST /chat/completions (checkpoint)", async () => {
  const early = await client.chat.completions.create({ ...question, model: checkpoint.fine_tuned_model_checkpoint });
  assert.equal(early.choices[0].message.role, "assistant");
});
await check("POST /completions", async () => {
  const completed = await client.completions.create({ model, prompt: "The door", max_tokens: 4, temperature: 0, echo: true, logprobs: 2 });
  assert.ok(completed.choices[0].text.startsWith("The door"));
  assert.equal(completed.choices[0].logprobs.tokens.length, completed.usage.total_tokens);
});
await check("POST /completions (stream)", async () => {
  const request = { model, prompt: "The door", max_tokens: 6, temperature: 0 };
  let text = "";
  for await (const chunk of await client.completions.create({ ...request, stream: true })) text += chunk.choices[0]?.text ?? "";
  assert.equal(text, (await client.completions.create(request)).choices[0].text);
});
await check("POST /fine_tuning/jobs (continue)", async () => {
  const next = await jobs.create({ model: job.fine_tuned_model, training_file: train.id, hyperparameters: { n_epochs: 1 } });
  assert.equal(next.model, job.fine_tuned_model);
  assert.equal((await untilEnded(next.id)).status, "succeeded");
});

await check("POST /fine_tuning/jobs (dpo)", async () => {
  const pairs = await upload("pairs.jsonl", preferenceLines(40));
  const heldOut = await upload("held-out.jsonl", preferenceLines(12));
  for (const start of [model, job.fine_tuned_model]) {
    const made = await jobs.create({
      model: start, training_file: pairs.id, validation_file: heldOut.id,
      method: { type: "dpo", dpo: { hyperparameters: { beta: 0.2, n_epochs: 4 } } },
    });
    assertJob(made);
    assert.deepEqual([made.method.dpo.hyperparameters.beta, made.method.dpo.hyperparameters.batch_size], [0.2, "auto"]);
    const ended = await untilEnded(made.id);
    assert.equal(ended.status, "succeeded", JSON.stringify(ended));
    assert.deepEqual([ended.method.type, ended.method.dpo.hyperparameters.batch_size, ended.hyperparameters.batch_size], ["dpo", 8, 8]);
    const steps = (await all(jobs.listEvents(made.id))).filter((event) => event.type === "metrics").map((event) => event.data);
    const [last, first] = [steps[0], steps.at(-1)];
    assert.equal(steps.length, 20);
    assert.ok(Math.abs(first.train_loss - Math.LN2) < 0.005 && last.train_loss < first.train_loss, JSON.stringify([first, last]));
    assert.ok(last.train_reward_margin > 0 && last.full_valid_reward_accuracy >= 0.9, JSON.stringify(last));
    const csv = await (await client.files.content(ended.result_files[0])).text();
    assert.ok(csv.split("\n")[0].split(",").includes("train_reward_margin"), csv);
  }
});

let granted;
await check("POST /fine_tuning/checkpoints/{model}/permissions", async () => {
  granted = await all(permissions.create(checkpoint.fine_tuned_model_checkpoint, { project_ids: [project] }));
  assert.equal(granted[0].project_id, project);
  assert.equal(granted[0].object, "checkpoint.permission");
});
await check("GET /fine_tuning/checkpoints/{model}/permissions", async () => {
  const listed = await all(permissions.list(checkpoint.fine_tuned_model_checkpoint, { limit: 1 }));
  assert.ok(listed.some((entry) => entry.id === granted[0].id));
});
await check("DELETE /fine_tuning/checkpoints/{model}/permissions/{id}", async () => {
  const gone = await permissions.delete(granted[0].id, { fine_tuned_model_checkpoint: checkpoint.fine_tuned_model_checkpoint });
  assert.equal(gone.deleted, true);
});

await check("400 training file", async () => {
  await fails(upload("bad.jsonl", BAD_LINES), OpenAI.BadRequestError, { message: /line 12/i });
});
await check("400 parameter", async () => {
  await fails(jobs.create({ model, training_file: train.id, hyperparameters: { n_epochs: 51 } }), OpenAI.BadRequestError, { message: /n_epochs/ });
  await fails(jobs.create({ model, training_file: train.id, method: { type: "reinforcement" } }), OpenAI.BadRequestError, { message: /reinforcement/ });
  await fails(client.chat.completions.create({ model, messages, temperature: 3 }), OpenAI.BadRequestError, { message: /temperature/ });
});
await check("401", async () => {
  await fails(connect({ apiKey: "wrong" }).models.list(), OpenAI.AuthenticationError, { code: "invalid_api_key" });
});
await check("404 job", async () => {
  await fails(jobs.retrieve(`ftjob-${NOWHERE}`), OpenAI.NotFoundError);
});
await check("404 file", async () => {
  await fails(client.files.retrieve(`file-${NOWHERE}`), OpenAI.NotFoundError);
});
await check("404 model", async () => {
  await fails(client.models.retrieve("no-such-model"), OpenAI.NotFoundError, { code: "model_not_found" });
  await fails(client.chat.completions.create({ model: "no-such-model", messages }), OpenAI.NotFoundError, { code: "model_not_found" });
});
await check("409", async () => {
  await fails(jobs.resume(job.id), OpenAI.ConflictError);
});
await check("429", async () => {
  const limited = connect({ baseURL: `${process.env.LUTHIER_TEST_LIMITED_URL}/openai/v1`, apiKey: process.env.LUTHIER_TEST_LIMITED_KEY });
  await fails((async () => { for (;;) await limited.models.list(); })(), OpenAI.RateLimitError);
});

await check("DELETE /models/{model}", async () => {
  const gone = await client.models.delete(job.fine_tuned_model);
  assert.deepEqual([gone.id, gone.deleted], [job.fine_tuned_model, true]);
  await fails(client.models.retrieve(job.fine_tuned_model), OpenAI.NotFoundError);
});
await check("DELETE /files/{id}", async () => {
  const gone = await client.files.delete(valid.id);
  assert.deepEqual([gone.id, gone.object, gone.deleted], [valid.id, "file", true]);
  await fails(client.files.retrieve(valid.id), OpenAI.NotFoundError);
});
await check("any route under /v1", async () => {
  const bare = connect({ baseURL: `${url}/v1` });
  assert.equal((await bare.fineTuning.jobs.retrieve(job.id)).object, "fine_tuning.job");
  assert.ok((await bare.fineTuning.jobs.list()).data.every((entry) => entry.id.startsWith("ftjob-")));
  assert.ok((await bare.files.list()).data.every((entry) => entry.id.startsWith("file-")));
  assert.ok((await all(bare.models.list())).some((entry) => entry.id === model));
});
end();
