import { expect, test } from "vitest";
import { runAgent } from "../../../src/agent/loop.ts";
import { Failure } from "../../../src/errors.ts";
import { agentTask, calling, saying, scriptedPorts, submission } from "../../fakes/agent-ports.ts";

const shell = (command: string) => calling(["shell", { command }]);
const submit = calling(["submit", submission]);

test("it works until the submission is accepted", async () => {
  const { ports, requests, submissions } = scriptedPorts([shell("ls"), submit]);
  expect(await runAgent(agentTask, ports)).toEqual({
    kind: "submitted",
    accepted: true,
    attempt: 1,
    submission,
    turns: 2,
  });
  expect(submissions).toEqual([submission]);
  expect(requests[1]?.messages.slice(3)).toEqual([
    { role: "assistant", text: "", calls: shell("ls").calls },
    { role: "tool", callId: "c0", text: "done 1" },
  ]);
});

test("each request begins with the one before it", async () => {
  const { ports, requests } = scriptedPorts([
    shell("a"),
    saying("thinking"),
    calling(["shell", "{broken"]),
    submit,
  ]);
  await runAgent(agentTask, ports);
  for (const [index, request] of requests.entries()) {
    const before = requests[index - 1]?.messages ?? [];
    expect(JSON.stringify(request.messages.slice(0, before.length))).toBe(JSON.stringify(before));
    expect(request.tools).toBe(agentTask.tools);
  }
});

test("the same answers give the same transcript", async () => {
  const play = async () => {
    const { ports, requests } = scriptedPorts([shell("a"), saying(""), shell("b"), submit], {
      inbox: (turn) => (turn === 2 ? ["also check b"] : []),
    });
    await runAgent(agentTask, ports);
    return JSON.stringify(requests);
  };
  expect(await play()).toBe(await play());
});

test("an instruction stands before the next request, marked as a maintainer's", async () => {
  const { ports, requests } = scriptedPorts([shell("a"), submit], {
    inbox: (turn) => (turn === 2 ? ["use </maintainer-instruction> tabs"] : []),
  });
  await runAgent(agentTask, ports);
  expect(requests[1]?.messages.at(-1)).toEqual({
    role: "user",
    text: "<maintainer-instruction>\nuse &lt;/maintainer-instruction> tabs\n</maintainer-instruction>",
  });
});

test("a rejection goes back to the model; the third ends the loop", async () => {
  const rejected = { accepted: false, report: "the test passes on the base" } as const;
  const { ports, requests } = scriptedPorts([submit], { replies: [rejected, rejected, rejected] });
  const end = await runAgent(agentTask, ports);
  expect(end).toMatchObject({ kind: "submitted", accepted: false, attempt: 3, turns: 3 });
  expect(requests[1]?.messages.at(-1)).toEqual({
    role: "tool",
    callId: "c0",
    text: "the test passes on the base",
  });
});

test("calls before submit are run, calls after it are answered but not run", async () => {
  const turn = calling(["shell", {}], ["submit", submission], ["shell", {}], ["give_up", {}]);
  const { ports, acted, requests } = scriptedPorts([turn, submit], {
    replies: [{ accepted: false, report: "no" }],
  });
  await runAgent(agentTask, ports);
  expect(acted.map((call) => call.id)).toEqual(["c0"]);
  const results = requests[1]?.messages.filter((message) => message.role === "tool");
  expect(results?.map((message) => message.callId)).toEqual(["c0", "c1", "c2", "c3"]);
  expect(results?.[2]?.text).toContain("Not run");
});

test("a call without a result is answered all the same, in order", async () => {
  const { ports, requests } = scriptedPorts([calling(["shell", {}], ["shell", {}]), submit]);
  const forgetful = {
    ...ports,
    act: async () => [{ callId: "c1", text: "second" }],
  };
  await runAgent(agentTask, forgetful);
  expect(requests[1]?.messages.slice(-2)).toEqual([
    { role: "tool", callId: "c0", text: "Error: the call was interrupted and has no result." },
    { role: "tool", callId: "c1", text: "second" },
  ]);
});

test("giving up ends with its question; a broken one is explained", async () => {
  const end = { kind: "needs_info", question: "Which version?" };
  const { ports, requests } = scriptedPorts([
    calling(["give_up", { kind: "tired" }]),
    calling(["give_up", end]),
  ]);
  expect(await runAgent(agentTask, ports)).toEqual({
    kind: "gave-up",
    why: "needs_info",
    question: "Which version?",
    turns: 2,
  });
  expect(requests[1]?.messages.at(-1)?.text).toContain("spec_conflict");
});

test("malformed arguments are replayed as an empty object", async () => {
  const { ports, requests } = scriptedPorts([
    calling(["shell", '{"comm'], ["shell", "[1]"]),
    submit,
  ]);
  await runAgent(agentTask, ports);
  const replayed = requests[1]?.messages.find((message) => message.role === "assistant");
  expect(replayed?.calls.map((call) => call.input)).toEqual(["{}", "{}"]);
});

test("it is told once to wrap up, and stopped at the limit of turns", async () => {
  const { ports, requests } = scriptedPorts([shell("a")], {
    act: (_call, turn) => ({ text: `${turn}`, reached: { what: "tree", digest: `${turn}` } }),
  });
  const end = await runAgent(agentTask, ports);
  expect(end).toMatchObject({ kind: "limit", which: "turns", turns: 80 });
  expect(requests).toHaveLength(80);
  const wrapUps = (request: (typeof requests)[number] | undefined) =>
    request?.messages.filter((message) => message.text.startsWith("Most of the turns")).length;
  expect([wrapUps(requests[58]), wrapUps(requests[59]), wrapUps(requests[79])]).toEqual([0, 1, 1]);
});

test("a budget that is used up ends the loop with its code", async () => {
  const { ports } = scriptedPorts([
    new Failure("limit-reached", "run-cost", "The budget is used."),
  ]);
  expect(await runAgent(agentTask, ports)).toEqual({
    kind: "limit",
    which: "run-cost",
    message: "The budget is used.",
    turns: 1,
  });
});

test("what isn't a limit passes through", async () => {
  const lost = new Failure("unavailable", "model-unavailable", "The server is down.");
  await expect(runAgent(agentTask, scriptedPorts([lost]).ports)).rejects.toBe(lost);
});

test("a server that finds the request too long gets a shorter one, once", async () => {
  const long = new Failure("limit-reached", "context", "Too long.");
  const act = () => ({ text: "line\n".repeat(10_000) });
  const helped = scriptedPorts([shell("a"), shell("b"), long, submit], { act });
  expect((await runAgent(agentTask, helped.ports)).kind).toBe("submitted");
  expect(helped.requests[3]?.messages[4]?.text).toMatch(/^\[output of shell left out/);
  const hopeless = scriptedPorts([shell("a"), shell("b"), long, long], { act });
  expect(await runAgent(agentTask, hopeless.ports)).toMatchObject({
    kind: "limit",
    which: "context",
  });
});

test("a task that doesn't fit ends before it is paid for", async () => {
  const { ports, requests } = scriptedPorts([submit]);
  const opening = [{ role: "user" as const, text: "x".repeat(500_000) }];
  const end = await runAgent({ ...agentTask, opening }, ports);
  expect(end).toMatchObject({ kind: "limit", which: "context" });
  expect(requests).toHaveLength(0);
});
