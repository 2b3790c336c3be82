// Everything that the official TypeScript SDK of Mistral offers of Luthier's routes; both generations share it.
import assert from "node:assert/strict";
import { BAD_LINES, check, end, labelledLines, notApplicable, sdk, sleep, trainingLines } from "../report.mjs";

const url = process.env.LUTHIER_TEST_URL;
const apiKey = process.env.LUTHIER_TEST_KEY;
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** The SDK does not fail on an answer that it does not recognize: it marks it. */
function known(value, path = "answer") {
  if (value !== null && typeof value === "object" && !(value instanceof ReadableStream)) {
    assert.ok(!value.isUnknown, `${path} is unknown to the SDK: ${JSON.stringify(value)}`);
    for (const [key, child] of Object.entries(value)) known(child, `${path}.${key}`);
  }
  return value;
}

/** The SDK's error for a status. That for 422 has a class of its own, which in the first generation keeps no status. */
const fails = (promise, status, pattern = /./) => assert.rejects(promise, (error) => {
  assert.equal(error.name, status === 422 ? "HTTPValidationError" : "SDKError", String(error));
  assert.equal(error.statusCode ?? 422, status);
  assert.match(JSON.stringify(error.detail ?? "") + (error.body ?? "") + error.message, pattern);
  return true;
});

/**
 * @param Mistral the SDK's client class
 * @param model name of the base model that this SDK generation accepts
 * @param has what this generation of the SDK offers
 */
export async function lifeCycle(Mistral, model, has) {
  const connect = (options) => new Mistral({ serverURL: `${url}/mistral`, apiKey, ...options });
  const client = connect({});
  const jobs = client.fineTuning.jobs;
  const upload = async (name, lines) =>
    known(await client.files.upload({ file: { fileName: name, content: Buffer.from(lines) }, purpose: "fine-tune" }));
  const create = async (request) => known(await jobs.create({ hyperparameters: {}, ...request, model }));
  const until = async (jobId, ...statuses) => {
    let job = known(await jobs.get({ jobId }));
    while (!statuses.includes(job.status)) {
      assert.ok(!["SUCCESS", "FAILED", "FAILED_VALIDATION", "CANCELLED"].includes(job.status), JSON.stringify(job));
      await sleep(100);
      job = known(await jobs.get({ jobId }));
    }
    return job;
  };
  /** All items of a numbered list. */
  const all = async (list) => {
    const items = [];
    for (let page = 0; ; page++) {
      const { data, total } = known(await list({ page, pageSize: 2 }));
      items.push(...data);
      if (data.length === 0) {
        assert.equal(items.length, total ?? items.length);
        assert.equal(new Set(items.map((item) => item.id)).size, items.length);
        return items;
      }
    }
  };
  // A generation with a closed list of models cannot read a list with a job on another one.
  const readable = has.anyModel ? {} : { model };
  const messages = [{ role: "user", content: "what is number 3?" }];
  const question = { messages, maxTokens: 12, temperature: 0, randomSeed: 7 };

  sdk("@mistralai/mistralai", ".");
  let train;
  let valid;
  let waiting;
  let job;

  await check("POST /files", async () => {
    train = await upload("train.jsonl", trainingLines(16));
    valid = await upload("valid.jsonl", trainingLines(3));
    assert.equal(valid.sizeBytes ?? valid.bytes, Buffer.byteLength(trainingLines(3)));
    assert.equal(valid.sampleType, "instruct");
    assert.equal(valid.numLines, 3);
  });
  await check("GET /files", async () => {
    const ids = (await all((page) => client.files.list(page))).map((file) => file.id);
    assert.ok(ids.includes(train.id) && ids.includes(valid.id));
  });
  await check("GET /files/{id}", async () => {
    const again = known(await client.files.retrieve({ fileId: valid.id }));
    assert.equal(again.filename, "valid.jsonl");
    assert.equal(again.deleted, false);
  });
  await check("GET /files/{id}/content", async () => {
    assert.equal(await new Response(await client.files.download({ fileId: valid.id })).text(), trainingLines(3));
  });
  if (has.signedUrl) {
    await check("GET /files/{id}/url", async () => {
      const signed = known(await client.files.getSignedUrl({ fileId: valid.id }));
      assert.equal(await (await fetch(signed.url)).text(), trainingLines(3));
    });
  } else {
    notApplicable("the SDK has no such call", "GET /files/{id}/url");
  }

  await check("POST /fine_tuning/jobs", async () => {
    job = await create({
      trainingFiles: [{ fileId: train.id, weight: 1 }],
      validationFiles: [valid.id],
      hyperparameters: { trainingSteps: 12, learningRate: 0.002 },
      suffix: "sdk",
      autoStart: true,
    });
    assert.equal(job.model, model);
    assert.deepEqual(job.trainingFiles, [train.id]);
    assert.equal(job.fineTunedModel ?? null, null);
    waiting = await create({ trainingFiles: [{ fileId: train.id, weight: 1 }], hyperparameters: { trainingSteps: 5000, learningRate: 0.002 }, autoStart: false });
  });
  await check("POST /fine_tuning/jobs (luthier settings)", async () => {
    const request = { model, trainingFiles: [{ fileId: train.id, weight: 1 }], hyperparameters: { trainingSteps: 5 } };
    const withHeader = (value) => ({ fetchOptions: { headers: { "Luthier-Training": value } } });
    const made = known(await jobs.create(request, withHeader("rank=4, targets=q_proj+v_proj, top_layers=1")));
    const { events } = await until(made.id, "VALIDATED");
    const { training } = events.find((event) => event.data?.training).data;
    assert.deepEqual([training.rank, training.targets, training.top_layers], [4, ["q_proj", "v_proj"], 1]);
    await jobs.cancel({ jobId: made.id });
    await fails(jobs.create(request, withHeader("rnak=4")), 400, /Did you mean rank\?/);
  });
  await check("GET /fine_tuning/jobs/{id}", async () => {
    job = known(await jobs.get({ jobId: job.id }));
    while (["RUNNING", "QUEUED"].includes(job.status)) {
      await sleep(200);
      job = known(await jobs.get({ jobId: job.id }));
    }
    assert.equal(job.status, "SUCCESS", JSON.stringify(job));
    assert.equal(job.hyperparameters.trainingSteps, 12);
    assert.equal(job.hyperparameters.learningRate, 0.002);
    assert.ok(Number.isInteger(job.trainedTokens));
    assert.equal(job.events[0].data.status, "SUCCESS");
    assert.equal(job.checkpoints[0].stepNumber, 12);
    assert.ok(job.checkpoints[0].metrics.validLoss > 0);
    assert.ok(job.checkpoints[0].metrics.validMeanTokenAccuracy <= 1);
  });
  await check("GET /fine_tuning/jobs", async () => {
    const ids = (await all((page) => jobs.list({ ...page, ...readable }))).map((entry) => entry.id);
    assert.ok(ids.indexOf(waiting.id) < ids.indexOf(job.id), "newest first");
    const page = known(await jobs.list({ status: "SUCCESS", model, page: 0, pageSize: 5 }));
    assert.ok(page.data.some((entry) => entry.id === job.id));
    assert.ok(page.total >= 1);
    assert.equal((await jobs.list({ status: "FAILED", createdAfter: new Date() })).data.length, 0);
  });
  await check("POST /fine_tuning/jobs/{id}/start", async () => {
    waiting = await until(waiting.id, "VALIDATED");
    assert.ok(waiting.metadata.trainTokens > 0);
    known(await jobs.start({ jobId: waiting.id }));
    await until(waiting.id, "RUNNING");
  });
  await check("POST /fine_tuning/jobs/{id}/cancel", async () => {
    known(await jobs.cancel({ jobId: waiting.id }));
    await until(waiting.id, "CANCELLED");
    assert.equal(known(await jobs.cancel({ jobId: waiting.id })).status, "CANCELLED");
  });

  await check("GET /models", async () => {
    assert.ok(known(await client.models.list()).data.some((entry) => entry.id === job.fineTunedModel));
  });
  await check("GET /models/{model}", async () => {
    assert.equal(known(await client.models.retrieve({ modelId: job.fineTunedModel })).job, job.id);
  });
  let answer;
  await check("POST /chat/completions", async () => {
    answer = known(await client.chat.complete({ ...question, model: job.fineTunedModel }));
    assert.equal(answer.choices.length, 1);
    assert.equal(answer.usage.totalTokens, answer.usage.promptTokens + answer.usage.completionTokens);
  });
  await check("POST /chat/completions (stream)", async () => {
    let streamed = "";
    let last;
    for await (const event of await client.chat.stream({ ...question, model: job.fineTunedModel })) {
      last = known(event.data);
      streamed += event.data.choices[0].delta.content ?? "";
    }
    if (has.wholeStreams) {
      assert.equal(streamed, answer.choices[0].message.content);
      assert.ok(last.choices[0].finishReason, JSON.stringify(last));
      assert.equal(last.usage.totalTokens, answer.usage.totalTokens);
    } else {
      // The first generation loses the last events when several arrive in one read: its stream filter keeps its index.
      assert.ok(streamed.length > 0 && answer.choices[0].message.content.startsWith(streamed), streamed);
    }
  });
  const classifier = ["POST /fine_tuning/jobs (classifier)", "POST /classifications", "POST /chat/classifications"];
  if (has.classifiers) {
    let made;
    /** Every input has a result, whose scores are those of one label among two. */
    const assertTold = (results, count) => {
      assert.equal(results.length, count);
      for (const { parity } of results) {
        assert.deepEqual(Object.keys(parity.scores), ["even", "odd"]);
        assert.ok(Math.abs(parity.scores.even + parity.scores.odd - 1) < 1e-6, JSON.stringify(parity));
      }
    };
    await check(classifier[0], async () => {
      const file = await upload("labels.jsonl", labelledLines(16));
      made = await create({
        jobType: "classifier",
        trainingFiles: [{ fileId: file.id, weight: 1 }],
        hyperparameters: { trainingSteps: 4, learningRate: 0.002 },
        autoStart: false,
      });
      assert.equal(made.jobType, "classifier");
      made = await until(made.id, "VALIDATED");
      assert.deepEqual(made.classifierTargets, [{ name: "parity", labels: ["even", "odd"], weight: 1, lossFunction: "single_class" }]);
      assert.ok(made.hyperparameters.seqLen > 0 && made.hyperparameters.epochs > 0 && made.metadata.trainTokens > 0);
      known(await jobs.start({ jobId: made.id }));
      made = await until(made.id, "SUCCESS");
      assert.match(made.fineTunedModel, /^ft:classifier:/);
      const name = { name: "parity" };
      const tuned = known(await client.models.update({ modelId: made.fineTunedModel, updateFTModelIn: name, updateModelRequest: name }));
      assert.equal(tuned.classifierTargets.length, 1);
      assert.equal(known(await client.models.retrieve({ modelId: made.fineTunedModel })).capabilities.classification, true);
    });
    await check(classifier[1], async () => {
      const request = { model: made.fineTunedModel, inputs: ["number 3", "number 4"] };
      assertTold(known(await client.classifiers.classify(request)).results, 2);
      await fails(client.classifiers.classify({ ...request, model }), 400, /is not a classifier/);
      await fails(client.classifiers.classify({ ...request, inputs: [] }), 422, /at least one/);
    });
    await check(classifier[2], async () => {
      const input = { messages: [{ role: "user", content: "number 3" }] };
      assertTold(known(await client.classifiers.classifyChat({ model: made.fineTunedModel, input })).results, 1);
      await fails(client.chat.complete({ ...question, model: made.fineTunedModel }), 400, /is a classifier/);
    });
  } else {
    notApplicable("the SDK has no such call", ...classifier);
  }
  await check("PATCH /fine_tuning/models/{model}", async () => {
    const name = { name: "numbers" };
    assert.equal(known(await client.models.update({ modelId: job.fineTunedModel, updateFTModelIn: name, updateModelRequest: name })).name, "numbers");
  });
  await check("POST /fine_tuning/models/{model}/archive", async () => {
    assert.equal((await client.models.archive({ modelId: job.fineTunedModel })).archived, true);
    await assert.rejects(client.chat.complete({ ...question, model: job.fineTunedModel }));
  });
  await check("DELETE /fine_tuning/models/{model}/archive", async () => {
    assert.equal((await client.models.unarchive({ modelId: job.fineTunedModel })).archived, false);
  });

  await check("400 training file", async () => fails(upload("bad.jsonl", BAD_LINES), 400, /line 12/));
  await check("400 parameter", async () => {
    const files = { trainingFiles: [{ fileId: train.id, weight: 1 }] };
    await fails(create({ ...files, hyperparameters: { learningRate: -1 } }), 400, /learning_rate/);
    await fails(create({ trainingFiles: [{ fileId: UNKNOWN, weight: 1 }] }), 400, new RegExp(UNKNOWN));
  });
  await check("401", async () => fails(connect({ apiKey: "wrong" }).models.list(), 401));
  await check("404 job", async () => fails(jobs.get({ jobId: UNKNOWN }), 404));
  await check("404 file", async () => fails(client.files.retrieve({ fileId: UNKNOWN }), 404));
  await check("404 model", async () => fails(client.models.delete({ modelId: "no-such-model" }), 404, /no-such-model/));
  await check("409", async () => fails(jobs.start({ jobId: job.id }), 409, /VALIDATED/));
  await check("422 chat", async () => fails(client.chat.complete({ ...question, model, temperature: 9 }), 422, /temperature/));
  await check("429", async () => {
    const limited = connect({ serverURL: `${process.env.LUTHIER_TEST_LIMITED_URL}/mistral`, apiKey: process.env.LUTHIER_TEST_LIMITED_KEY });
    await fails((async () => { for (;;) await limited.models.list(); })(), 429);
  });

  await check("DELETE /models/{model}", async () => {
    assert.equal((await client.models.delete({ modelId: job.fineTunedModel })).deleted, true);
    await assert.rejects(client.models.retrieve({ modelId: job.fineTunedModel }), (error) => error.statusCode === 404);
  });
  await check("DELETE /files/{id}", async () => {
    assert.equal((await client.files.delete({ fileId: valid.id })).deleted, true);
    await fails(client.files.retrieve({ fileId: valid.id }), 404);
  });
  await check("any route under /v1", async () => {
    const bare = connect({ serverURL: url });
    assert.equal(known(await bare.fineTuning.jobs.get({ jobId: job.id })).status, "SUCCESS");
    assert.ok(known(await bare.fineTuning.jobs.list({ pageSize: 3, ...readable })).data.length > 0);
    assert.equal(known(await bare.files.retrieve({ fileId: train.id })).id, train.id);
  });
  end();
}
