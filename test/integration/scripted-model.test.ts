import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Message } from "../../src/agent/model.ts";
import { createOpenAiModel } from "../../src/agent/models/openai.ts";
import { lastResults, startScriptedModel } from "../model/scripted-model.ts";

const KEY = "sk-canary-for-the-recorder";

function asking(baseUrl: string) {
  const model = createOpenAiModel({ baseUrl, apiKey: KEY, model: "m", contextWindow: 100_000 });
  return (messages: readonly Message[]) =>
    model.complete(
      { messages, tools: [], maxOutputTokens: 100 },
      { signal: new AbortController().signal },
    );
}

const opening: Message[] = [
  { role: "system", text: "s" },
  { role: "user", text: "u" },
];

test("it plays the turn that the request asks for, as often as it is asked", async () => {
  const scripted = await startScriptedModel({
    script: [
      { text: "look", calls: [{ tool: "shell", input: { command: "ls" } }] },
      (request) => ({ text: `saw ${lastResults(request).join()}` }),
    ],
  });
  try {
    const ask = asking(scripted.baseUrl);
    const first = await ask(opening);
    expect(first.calls).toEqual([{ id: "call_1_0", tool: "shell", input: '{"command":"ls"}' }]);
    expect(await ask(opening)).toEqual(first);
    const second = await ask([
      ...opening,
      { role: "assistant", text: first.text, calls: first.calls },
      { role: "tool", callId: "call_1_0", text: "x".repeat(100_000) },
    ]);
    expect(second.text).toBe(`saw ${"x".repeat(100_000)}`);
    expect(scripted.requests).toHaveLength(3);
    expect(scripted.requests[2]?.body).toContain("x".repeat(100_000));
    expect(scripted.requests[0]?.headers).toContain(`Bearer ${KEY}`);
  } finally {
    await scripted.close();
  }
});

test("it runs in its own process and tells what it was sent", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-script-"));
  const file = join(folder, "script.json");
  await writeFile(file, JSON.stringify([{ calls: [{ tool: "shell", input: '{"bro' }] }]));
  const child = spawn(process.execPath, ["test/model/scripted-model.ts", file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    const baseUrl = chunk.toString().trim();
    const answer = await asking(baseUrl)(opening);
    expect(answer.calls[0]?.input).toBe('{"bro');
    const recorded = (await (await fetch(new URL("/recorded", baseUrl))).json()) as unknown[];
    expect(recorded).toHaveLength(1);
  } finally {
    child.kill();
    await once(child, "exit");
    await rm(folder, { recursive: true });
  }
});
