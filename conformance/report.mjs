// What every suite in JavaScript prints: one RESULT line for each check, which the harness collects.
import { readFileSync } from "node:fs";

let failed = 0;

/** Says which package is driven, and in which version. */
export function sdk(name, folder) {
  const version = JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, "utf8")).version;
  console.log(`SDK ${JSON.stringify({ package: name, version })}`);
}

/** Runs one check; a check that fails does not keep the following ones from running. */
export async function check(route, body) {
  try {
    await body();
    console.log(`RESULT ${JSON.stringify({ route, result: "pass" })}`);
  } catch (error) {
    failed++;
    const reason = String(error?.stack ?? error).slice(0, 2000);
    console.log(`RESULT ${JSON.stringify({ route, result: "fail", reason })}`);
  }
}

/** Routes that this SDK has no call for, or that this server cannot show. */
export function notApplicable(reason, ...routes) {
  for (const route of routes) console.log(`RESULT ${JSON.stringify({ route, result: "n/a", reason })}`);
}

export function end() {
  process.exit(failed === 0 ? 0 : 1);
}

export const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** Lines of chat data; what they teach does not matter here. */
export function trainingLines(count) {
  return Array.from({ length: count }, (_, i) => JSON.stringify({
    messages: [
      { role: "user", content: `what is number ${i}?` },
      { role: "assistant", content: `it is ${i}.` },
    ],
  })).join("\n") + "\n";
}

/** Lines for a classifier of two labels. */
export function labelledLines(count) {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({ text: `number ${i}`, labels: { parity: i % 2 === 0 ? "even" : "odd" } })).join("\n") + "\n";
}

/** Lines of preference pairs: answers in two styles, of which the brief one is preferred. */
export function preferenceLines(count) {
  const say = (role, content) => ({ role, content });
  return Array.from({ length: count }, (_, i) => JSON.stringify({
    input: { messages: [say("user", `what is number ${i}?`)] },
    preferred_output: [say("assistant", `it is ${i}.`)],
    non_preferred_output: [say("assistant", `I would say that this number is ${i}, if I may.`)],
  })).join("\n") + "\n";
}

/** Twelve lines of which the last has a misspelt role. */
export const BAD_LINES = trainingLines(11) + '{"messages": [{"role": "asistant", "content": "x"}]}\n';
