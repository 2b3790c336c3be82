// The whole life of a fine-tuned model through the official TypeScript SDK, against the live server that LUTHIER_TEST_URL names.
import assert from "node:assert/strict";
import { test } from "node:test";

const serverURL = process.env.LUTHIER_TEST_URL + (process.env.LUTHIER_TEST_PREFIX ?? "/mistral");
const apiKey = process.env.LUTHIER_TEST_KEY;
const TERMINAL = ["SUCCESS", "FAILED", "FAILED_VALIDATION", "CANCELLED"];

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** Ten or more lines of chat data; what they teach does not matter here. */
export function trainingLines(count) {
  return Array.from({ length: count }, (_, i) => JSON.stringify({
    messages: [
      { role: "user", content: `what is number ${i}?` },
      { role: "assistant", content: `it is ${i}.` },
    ],
  })).join("\n") + "\n";
}

/** The SDK does not fail on an answer that it does not recognize: it marks it. */
function assertKnown(value, path = "answer") {
  if (value === null || typeof value !== "object") return;
  assert.ok(!value.isUnknown, `${path} is unknown to the SDK: ${JSON.stringify(value)}`);
  for (const [key, child] of Object.entries(value)) assertKnown(child, `${path}.${key}`);
}

/**
 * @param Mistral the SDK's client class
 * @param model name of the base model that this SDK generation accepts
 * @param has what this generation of the SDK offers
 */
export function lifeCycle(Mistral, model, has) {
  const client = new Mistral({ serverURL, apiKey });
  const jobs = client.fineTuning.jobs;
  const upload = async (name, lines) => {
    const file = await client.files.upload({ file: { fileName: name, content: Buffer.from(lines) }, purpose: "fine-tune" });
    assertKnown(file);
    return file;
  };
  const create = async (request) => {
    const job = await jobs.create(request);
    assertKnown(job);
    return job;
  };
  const untilEnded = async (jobId) => {
    for (;;) {
      const job = await jobs.get({ jobId });
      assertKnown(job);
      if (TERMINAL.includes(job.status)) return job;
      await sleep(200);
    }
  };

  test("files are uploaded, listed, read and deleted", async () => {
    const lines = trainingLines(12);
    const file = await upload("numbers.jsonl", lines);
    assert.equal(file.sizeBytes ?? file.bytes, Buffer.byteLength(lines));
    assert.equal(file.sampleType, "instruct");
    assert.equal(file.numLines, 12);
    const listed = await client.files.list({ pageSize: 100 });
    assertKnown(listed);
    assert.ok(listed.data.some((entry) => entry.id === file.id));
    const again = await client.files.retrieve({ fileId: file.id });
    assert.equal(again.deleted, false);
    const text = await new Response(await client.files.download({ fileId: file.id })).text();
    assert.equal(text, lines);
    if (has.signedUrl) {
      const signed = await client.files.getSignedUrl({ fileId: file.id });
      assert.equal(await (await fetch(signed.url)).text(), lines);
    }
    const deleted = await client.files.delete({ fileId: file.id });
    assert.equal(deleted.deleted, true);
    await assert.rejects(client.files.retrieve({ fileId: file.id }), (error) => error.statusCode === 404);
  });

  test("a file that is not training data is refused with its line", async () => {
    const bad = trainingLines(11) + '{"messages": [{"role": "asistant", "content": "x"}]}\n';
    await assert.rejects(upload("bad.jsonl", bad), (error) => {
      assert.equal(error.statusCode, 400);
      assert.match(error.body ?? error.message, /line 12/);
      return true;
    });
  });

  test("a job is created, polled as the published examples poll, and its model answers", async () => {
    const train = await upload("train.jsonl", trainingLines(16));
    const valid = await upload("valid.jsonl", trainingLines(3));
    const created = await create({
      model,
      trainingFiles: [{ fileId: train.id, weight: 1 }],
      validationFiles: [valid.id],
      hyperparameters: { trainingSteps: 12, learningRate: 0.002 },
      suffix: "sdk",
      autoStart: true,
    });
    assert.equal(created.model, model);
    assert.deepEqual(created.trainingFiles, [train.id]);
    assert.equal(created.fineTunedModel ?? null, null);
    let job = await jobs.get({ jobId: created.id });
    while (["RUNNING", "QUEUED"].includes(job.status)) {
      await sleep(200);
      job = await jobs.get({ jobId: created.id });
    }
    assertKnown(job);
    assert.equal(job.status, "SUCCESS", JSON.stringify(job));
    assert.equal(job.hyperparameters.trainingSteps, 12);
    assert.equal(job.hyperparameters.learningRate, 0.002);
    assert.ok(Number.isInteger(job.trainedTokens));
    assert.equal(job.events[0].data.status, "SUCCESS");
    assert.equal(job.checkpoints[0].stepNumber, 12);
    assert.ok(job.checkpoints[0].metrics.validLoss > 0);
    assert.ok(job.checkpoints[0].metrics.validMeanTokenAccuracy <= 1);

    const page = await jobs.list({ status: "SUCCESS", model, page: 0, pageSize: 5 });
    assertKnown(page);
    assert.ok(page.data.some((entry) => entry.id === job.id));
    assert.ok(page.total >= 1);
    assert.equal((await jobs.list({ status: "FAILED", createdAfter: new Date() })).data.length, 0);

    const tuned = job.fineTunedModel;
    const card = await client.models.retrieve({ modelId: tuned });
    assertKnown(card);
    assert.equal(card.job, job.id);
    assert.ok((await client.models.list()).data.some((entry) => entry.id === tuned));

    const messages = [{ role: "user", content: "what is number 3?" }];
    const answer = await client.chat.complete({ model: tuned, messages, maxTokens: 12, temperature: 0, randomSeed: 7 });
    assertKnown(answer);
    assert.equal(answer.choices.length, 1);
    assert.equal(answer.usage.totalTokens, answer.usage.promptTokens + answer.usage.completionTokens);
    let streamed = "";
    let last;
    for await (const event of await client.chat.stream({ model: tuned, messages, maxTokens: 12, temperature: 0, randomSeed: 7 })) {
      assertKnown(event.data);
      last = event.data;
      streamed += event.data.choices[0].delta.content ?? "";
    }
    assert.equal(streamed, answer.choices[0].message.content);
    assert.ok(last.choices[0].finishReason);
    assert.equal(last.usage.totalTokens, answer.usage.totalTokens);

    const renamed = await client.models.update({ modelId: tuned, updateFTModelIn: { name: "numbers" }, updateModelRequest: { name: "numbers" } });
    assertKnown(renamed);
    assert.equal(renamed.name, "numbers");
    assert.equal((await client.models.archive({ modelId: tuned })).archived, true);
    await assert.rejects(client.chat.complete({ model: tuned, messages, maxTokens: 1 }));
    assert.equal((await client.models.unarchive({ modelId: tuned })).archived, false);
    assert.equal((await client.models.delete({ modelId: tuned })).deleted, true);
    await assert.rejects(client.models.retrieve({ modelId: tuned }), (error) => error.statusCode === 404);
  });

  test("a job without auto-start waits, is started, and can be cancelled", async () => {
    const train = await upload("train.jsonl", trainingLines(16));
    const created = await create({
      model,
      trainingFiles: [{ fileId: train.id, weight: 1 }],
      hyperparameters: { trainingSteps: 5000, learningRate: 0.002 },
      autoStart: false,
    });
    let job = created;
    while (job.status === "QUEUED") {
      await sleep(100);
      job = await jobs.get({ jobId: created.id });
    }
    assert.equal(job.status, "VALIDATED", JSON.stringify(job));
    assert.ok(job.metadata.trainTokens > 0);
    assertKnown(await jobs.start({ jobId: created.id }));
    while ((await jobs.get({ jobId: created.id })).status !== "RUNNING") await sleep(100);
    assertKnown(await jobs.cancel({ jobId: created.id }));
    assert.equal((await untilEnded(created.id)).status, "CANCELLED");
    assert.equal((await jobs.cancel({ jobId: created.id })).status, "CANCELLED");
  });

  test("faults come back as the SDK's errors", async () => {
    const unknown = "00000000-0000-4000-8000-000000000000";
    await assert.rejects(jobs.get({ jobId: unknown }), (error) => error.statusCode === 404);
    await assert.rejects(create({ model, trainingFiles: [{ fileId: unknown, weight: 1 }], hyperparameters: {} }),
      (error) => error.statusCode === 400);
    await assert.rejects(client.chat.complete({ model: "no-such-model", messages: [{ role: "user", content: "hi" }] }),
      (error) => error.statusCode === 400 || error.statusCode === 404);
    await assert.rejects(new Mistral({ serverURL, apiKey: "wrong" }).models.list(), (error) => error.statusCode === 401);
    await assert.rejects(client.chat.complete({ model, messages: [{ role: "user", content: "hi" }], responseFormat: { type: "json_object" } }),
      (error) => /response_format/.test(error.body ?? error.message));
  });
}
