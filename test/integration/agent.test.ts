import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AGENT_LIMITS, type AgentPorts, runAgent } from "../../src/agent/loop.ts";
import type { ModelAnswer } from "../../src/agent/model.ts";
import { createOpenAiModel } from "../../src/agent/models/openai.ts";
import { openingMessages } from "../../src/agent/prompt.ts";
import type { ToolOutcome } from "../../src/agent/tools/tool.ts";
import { createToolbox, TOOL_SCHEMAS } from "../../src/agent/tools/toolbox.ts";
import { openBench } from "../fakes/bench.ts";
import { startScriptedModel, type Turn } from "../model/scripted-model.ts";

const files = {
  "add.js": "exports.add = (a, b) => a - b;\n",
  "add.test.js":
    'const test = require("node:test");\nconst assert = require("node:assert");\nconst { add } = require("./add.js");\ntest("adds", () => assert.equal(add(0, 0), 0));\n',
};
const better = files["add.test.js"].replace("add(0, 0), 0", "add(1, 2), 3");

const script: readonly Turn[] = [
  { text: "I look first.", calls: [{ tool: "shell", input: { command: "cat add.js" } }] },
  {
    calls: [
      { tool: "read_file", input: { path: "add.test.js" } },
      { tool: "write_file", input: { path: "add.test.js", content: better } },
      { tool: "shell", input: { command: "node --test" } },
    ],
  },
  {
    calls: [
      {
        tool: "edit_file",
        input: { path: "add.js", edits: [{ old_string: "a - b", new_string: "a + b" }] },
      },
      { tool: "shell", input: { command: "node --test" } },
    ],
  },
  {
    calls: [
      {
        tool: "submit",
        input: {
          root_cause: "a minus",
          summary: "now a plus",
          reproduction_tests: ["add.test.js"],
        },
      },
    ],
  },
];

const opening = openingMessages({
  project: {
    packageManager: "npm",
    test: { command: "node --test", runner: "node:test" },
    findings: [],
  },
  files: Object.keys(files),
  instructions: [],
  task: { title: "add subtracts", body: "add(1, 2) is -1", comments: [], omittedComments: 0 },
});
const task = { opening, tools: TOOL_SCHEMAS, limits: { ...AGENT_LIMITS, contextWindow: 100_000 } };

/** The durable record of a run: what a resumed one gets instead of doing it again. */
type Record = { answers: ModelAnswer[]; acted: (readonly ToolOutcome[])[] };

async function play(baseUrl: string, record: Record, stopAfterTurns = Number.POSITIVE_INFINITY) {
  const bench = await openBench(files);
  const model = createOpenAiModel({ baseUrl, model: "m", contextWindow: 100_000 });
  const { signal } = new AbortController();
  const toolbox = createToolbox(bench.parts);
  const ports: AgentPorts = {
    ask: async (turn, request) => {
      if (turn > stopAfterTurns) throw new Error("killed");
      const answer = record.answers[turn - 1] ?? (await model.complete(request, { signal }));
      record.answers[turn - 1] = answer;
      return answer;
    },
    act: async (turn, calls) => {
      const outcomes: ToolOutcome[] = [];
      // The files of the dead sandbox aren't kept here, so the calls of earlier turns are run again.
      for (const call of calls) outcomes.push(await toolbox.run(call, signal));
      const acted = record.acted[turn - 1] ?? outcomes;
      record.acted[turn - 1] = acted;
      return acted;
    },
    inbox: async () => [],
    verify: async () => ({ accepted: true }),
  };
  const end = await runAgent(task, ports).catch((error: Error) => error.message);
  const source = await readFile(join(bench.sandbox.folder, "add.js"), "utf8");
  await bench.sandbox.destroy();
  return { end, source, outcomes: record.acted };
}

test("a scripted model fixes a bug through the real client, loop and tools", async () => {
  const scripted = await startScriptedModel({ script });
  try {
    const { end, source, outcomes } = await play(scripted.baseUrl, { answers: [], acted: [] });
    expect(end).toMatchObject({ kind: "submitted", accepted: true, turns: 4 });
    expect(source).toBe("exports.add = (a, b) => a + b;\n");
    expect(outcomes[1]?.[2]?.text).toContain("[exit code 1]");
    expect(outcomes[2]?.[1]?.text).not.toContain("[exit code");
    expect(scripted.requests).toHaveLength(4);
  } finally {
    await scripted.close();
  }
});

test("a run that goes on after a kill sends the bytes that an undisturbed one sends", async () => {
  const scripted = await startScriptedModel({ script });
  try {
    const record: Record = { answers: [], acted: [] };
    expect((await play(scripted.baseUrl, record, 2)).end).toBe("killed");
    const stored: Record = JSON.parse(JSON.stringify(record));
    const resumed = await play(scripted.baseUrl, stored);
    expect(resumed.end).toMatchObject({ kind: "submitted", turns: 4 });
    expect(scripted.requests).toHaveLength(4);
    await play(scripted.baseUrl, { answers: [], acted: stored.acted });
    const bodies = scripted.requests.map((request) => request.body);
    expect(bodies.slice(4)).toEqual(bodies.slice(0, 4));
  } finally {
    await scripted.close();
  }
});
