// Fine-tunes through Mistral's TypeScript SDK; only serverURL and apiKey differ from a script for the hosted service.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Mistral } from "@mistralai/mistralai";

const data = new URL("../commands/", import.meta.url);
const client = new Mistral({
  serverURL: (process.env.LUTHIER_URL ?? "http://127.0.0.1:8000") + "/mistral",
  apiKey: process.env.LUTHIER_API_KEY,
});

const upload = async (fileName) =>
  client.files.upload({ file: { fileName, content: await readFile(new URL(fileName, data)) }, purpose: "fine-tune" });
const train = await upload("train.jsonl");
const valid = await upload("valid.jsonl");
const { id: jobId } = await client.fineTuning.jobs.create({
  model: process.env.LUTHIER_MODEL ?? "luthier-tiny",
  trainingFiles: [{ fileId: train.id, weight: 1 }],
  validationFiles: [valid.id],
  hyperparameters: { trainingSteps: 300, learningRate: 0.002 },
  suffix: "commands",
  autoStart: true,
});
let job = await client.fineTuning.jobs.get({ jobId });
while (["RUNNING", "QUEUED"].includes(job.status)) {
  await sleep(2000);
  job = await client.fineTuning.jobs.get({ jobId });
  console.log(job.status, job.checkpoints[0]?.metrics.validLoss ?? "");
}
if (job.status !== "SUCCESS") throw new Error(JSON.stringify(job.events[0].data));

const answer = await client.chat.complete({
  model: job.fineTunedModel,
  messages: [{ role: "user", content: "please open the gate in the garage to 40 percent" }],
  temperature: 0,
});
console.log(answer.choices[0].message.content);
