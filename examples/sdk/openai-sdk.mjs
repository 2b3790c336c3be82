// Fine-tunes through OpenAI's Node SDK; only baseURL and apiKey differ from a script for the hosted service.
import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";

const data = new URL("../commands/", import.meta.url);
const client = new OpenAI({
  baseURL: (process.env.LUTHIER_URL ?? "http://127.0.0.1:8000") + "/openai/v1",
  apiKey: process.env.LUTHIER_API_KEY,
});

const upload = (name) => client.files.create({ file: createReadStream(new URL(name, data)), purpose: "fine-tune" });
const train = await upload("train.jsonl");
const valid = await upload("valid.jsonl");
let job = await client.fineTuning.jobs.create({
  model: process.env.LUTHIER_MODEL ?? "luthier-tiny",
  training_file: train.id,
  validation_file: valid.id,
  suffix: "commands",
});
while (["validating_files", "queued", "running"].includes(job.status)) {
  await sleep(2000);
  job = await client.fineTuning.jobs.retrieve(job.id);
  const events = await client.fineTuning.jobs.listEvents(job.id, { limit: 1 });
  console.log(job.status, events.data[0].message);
}
if (job.error) throw new Error(job.error.message);

const stream = await client.chat.completions.create({
  model: job.fine_tuned_model,
  messages: [{ role: "user", content: "please open the gate in the garage to 40 percent" }],
  temperature: 0,
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
console.log();
