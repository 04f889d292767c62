import { expect, test } from "vitest";
import { runAgent } from "../../../src/agent/loop.ts";
import type { ModelAnswer } from "../../../src/agent/model.ts";
import type { ToolOutcome } from "../../../src/agent/tools/tool.ts";
import { agentTask, calling, saying, scriptedPorts, submission } from "../../fakes/agent-ports.ts";

type Act = (turn: number) => Omit<ToolOutcome, "callId">;

/** How the loop ends, and the messages that were put to the model as a nudge, by turn. */
async function play(answers: readonly ModelAnswer[], act?: Act) {
  const script = scriptedPorts(answers, act ? { act: (_call, turn) => act(turn) } : {});
  const task = { ...agentTask, limits: { ...agentTask.limits, wrapUpAtTurn: 1_000 } };
  const end = await runAgent(task, script.ports);
  const nudged = script.requests.flatMap((request, index) =>
    index > 0 && request.messages.at(-1)?.role === "user" ? [index] : [],
  );
  return { end, nudged, requests: script.requests };
}

const submit = calling(["submit", submission]);
const different = (count: number) =>
  Array.from({ length: count }, (_, index) => calling(["shell", { command: `${index}` }]));

test("three malformed calls in a row stop it", async () => {
  const { end } = await play([calling(["shell", "{"])], () => ({ text: "what?", malformed: true }));
  expect(end).toMatchObject({ kind: "stuck", why: "malformed-calls", turns: 3 });
});

test("a well-formed call starts the count of malformed ones again", async () => {
  const answers = [...different(8), submit];
  const { end } = await play(answers, (turn) =>
    turn % 3 === 0 ? { text: "ok" } : { text: "what?", malformed: true },
  );
  expect(end.kind).toBe("submitted");
});

test.each([
  ["text only", saying("I think so"), "no-action", 3],
  ["an empty answer", saying("  "), "no-answer", 4],
  ["a cut answer", saying("so long", "length"), "too-long", 3],
  ["a refusal", saying("", "refused"), "refused", 2],
] as const)("%s is nudged, then stops it", async (_, answer, why, turns) => {
  const { end, nudged } = await play([answer]);
  expect(end).toMatchObject({ kind: "stuck", why, turns });
  expect(nudged).toHaveLength(turns - 1);
});

test("a useful answer between starts the count again", async () => {
  const say = saying("hm");
  const calls = different(3);
  const answers = [say, say, ...calls.slice(0, 1), say, say, ...calls.slice(1, 2), say, submit];
  expect((await play(answers)).end.kind).toBe("submitted");
});

test("a cut answer runs nothing and gets twice the room, once", async () => {
  const cut = { ...calling(["shell", '{"command":"rm -rf']), stop: "length" as const };
  const script = scriptedPorts([cut, cut, submit]);
  await runAgent(agentTask, script.ports);
  expect(script.acted).toEqual([]);
  expect(script.requests.map((request) => request.maxOutputTokens)).toEqual([
    16_384, 25_000, 25_000,
  ]);
});

test("the same call with the same result is nudged at three and stopped at five", async () => {
  const { end, nudged } = await play(different(1), () => ({ text: "same" }));
  expect(end).toMatchObject({ kind: "stuck", why: "repetition", turns: 5 });
  expect(nudged).toEqual([3]);
});

test("two calls in turn are a repetition too", async () => {
  const [a, b] = different(2);
  const pair = [a, b].filter((answer) => answer !== undefined);
  const { end } = await play([...pair, ...pair, ...pair, ...pair, ...pair], () => ({
    text: "same",
  }));
  expect(end).toMatchObject({ kind: "stuck", why: "repetition", turns: 9 });
});

test("the same call after each change isn't a repetition", async () => {
  const { end } = await play(
    [...Array.from({ length: 8 }, () => calling(["run_tests", {}])), submit],
    (turn) => ({ text: "1 failed", reached: { what: "tree", digest: `${turn}` } }),
  );
  expect(end.kind).toBe("submitted");
});

test("edits that lead back to the same content are nudged at three and stopped at five", async () => {
  const { end, nudged } = await play(different(20), (turn) => ({
    text: `edit ${turn}`,
    reached: { what: "file:/workspace/a.js", digest: turn % 2 === 0 ? "even" : "odd" },
  }));
  expect(end).toMatchObject({ kind: "stuck", why: "ping-pong", turns: 9 });
  expect(nudged[0]).toBe(5);
});

test("a tree that stays as it is isn't ping-pong", async () => {
  const { end } = await play([...different(20), submit], (turn) => ({
    text: `look ${turn}`,
    reached: { what: "tree", digest: "same" },
  }));
  expect(end.kind).toBe("submitted");
});

test("25 turns without a change or a new test result are nudged, 35 stop it", async () => {
  const { end, nudged } = await play(different(60), (turn) => ({ text: `look ${turn}` }));
  expect(end).toMatchObject({ kind: "stuck", why: "no-progress", turns: 35 });
  expect(nudged).toEqual([25]);
});

test("a new test result is progress, an old one is not", async () => {
  const news = await play([...different(60), submit], (turn) => ({
    text: `look ${turn}`,
    ...(turn % 20 === 0 ? { reached: { what: "tests", digest: `${turn}` } as const } : {}),
  }));
  expect(news.end.kind).toBe("submitted");
  const old = await play(different(60), (turn) => ({
    text: `look ${turn}`,
    ...(turn % 20 === 0 ? { reached: { what: "tests", digest: "old" } as const } : {}),
  }));
  expect(old.end).toMatchObject({ kind: "stuck", why: "no-progress", turns: 55 });
});
