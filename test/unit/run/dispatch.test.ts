import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type {
  AcceptCommand,
  Command,
  StartCommand,
  StopCommand,
  VerifyCommand,
} from "../../../src/command/command.ts";
import { dispatch } from "../../../src/run/dispatch.ts";
import type { RunRequest } from "../../../src/run/run.ts";
import { FakeEngine } from "../../fakes/engine.ts";
import { fakeRunStore } from "../../fakes/run-store.ts";

const asked = {
  repository: { id: 7, owner: "octo", name: "fix-me", installationId: 9 },
  issueNumber: 5,
  requestedBy: "ada",
};
const start: StartCommand = {
  kind: "start",
  meaningKey: "7-5-label-1",
  ...asked,
  issueUrl: "https://code.test/5",
  title: "It breaks",
  body: "Call it twice.",
  comments: [],
  omittedComments: 3,
};
const stop: StopCommand = { kind: "stop", meaningKey: "7-5-comment-9", ...asked };

const verify: VerifyCommand = {
  kind: "verify",
  meaningKey: "7-5-comment-10",
  ...asked,
  pullRequest: {
    url: "https://code.test/pull/5",
    title: "Mend it",
    headSha: "c".repeat(40),
    baseBranch: "main",
  },
};

function scene(maxOpenPerRepository = 10) {
  const store = fakeRunStore();
  const engine = new FakeEngine();
  const runs = engine.workflow<RunRequest>("run", {}, async () => {});
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const accepted: AcceptCommand[] = [];
  const accept = async (command: AcceptCommand) => void accepted.push(command);
  const ports = { store, runs, maxOpenPerRepository, sha256, accept };
  return {
    store,
    engine,
    accepted,
    dispatch: (command: Command) => dispatch(ports, command),
  };
}

describe("a start", () => {
  it("becomes one queued run of what was frozen, in its repository's queue", async () => {
    const { store, engine, dispatch } = scene();
    await dispatch(start);
    const [run] = store.runs.values();
    expect(run).toMatchObject({ state: "queued", request: { ...asked, omittedComments: 3 } });
    expect([...engine.stored]).toEqual([
      [`run:${run?.request.id}`, { name: "run", input: run?.request, partition: "7" }],
    ]);
  });

  it("of the same meaning is the same run, also after a crash before it was queued", async () => {
    const { store, engine, dispatch } = scene();
    engine.failToStore(new Error("the process dies"));
    await expect(dispatch(start)).rejects.toThrow("dies");
    engine.failToStore(undefined);
    await dispatch(start);
    await dispatch(start);
    expect([store.runs.size, engine.stored.size]).toEqual([1, 1]);
  });

  it("of another meaning waits for no second run of an issue", async () => {
    const { store, engine, dispatch } = scene();
    await dispatch(start);
    await dispatch({ ...start, meaningKey: "7-5-label-2" });
    expect([store.runs.size, engine.stored.size]).toEqual([1, 1]);
    expect(store.steers.size).toBe(0);
  });

  it("with an instruction steers the open run, once", async () => {
    const { store, dispatch } = scene();
    await dispatch(start);
    const [id = ""] = store.runs.keys();
    const steer = { ...start, meaningKey: "7-5-comment-8", instruction: "use a Map" };
    await dispatch(steer);
    await dispatch(steer);
    expect(store.steers.get(id)).toEqual([{ sequence: 1, author: "ada", text: "use a Map" }]);
    expect(store.runs.size).toBe(1);
  });

  it("beyond the repository's queue is refused with the next step", async () => {
    const { store, engine, dispatch } = scene(1);
    await dispatch(start);
    await expect(
      dispatch({ ...start, issueNumber: 6, meaningKey: "7-6-label-1" }),
    ).rejects.toMatchObject({
      kind: "limit-reached",
      code: "queue-full",
      message: expect.stringContaining("Put the label on again"),
    });
    expect([store.runs.size, engine.stored.size]).toEqual([1, 1]);
  });

  it("after a run has ended is a new one", async () => {
    const { store, engine, dispatch } = scene();
    await dispatch(start);
    const [id = ""] = store.runs.keys();
    await store.setState(id, "failed");
    await dispatch({ ...start, meaningKey: "7-5-label-2" });
    expect(engine.stored.size).toBe(2);
  });
});

describe("a stop", () => {
  it("is on record for the open run, with who asked", async () => {
    const { store, dispatch } = scene();
    await dispatch(start);
    await dispatch(stop);
    expect([...store.stops.values()]).toEqual(["ada"]);
  });

  it("without a run is answered", async () => {
    const { dispatch } = scene();
    await expect(dispatch(stop)).rejects.toMatchObject({ kind: "invalid-request", code: "no-run" });
  });
});

describe("a pull request to verify", () => {
  it("becomes one run about its head as it was when it was asked for", async () => {
    const { store, engine, dispatch } = scene();
    await dispatch(verify);
    await dispatch(verify);
    const [run] = store.runs.values();
    expect(run?.request).toMatchObject({
      issueNumber: 5,
      issueUrl: "https://code.test/pull/5",
      pullRequest: { headSha: "c".repeat(40), baseBranch: "main" },
    });
    expect([store.runs.size, engine.stored.size]).toEqual([1, 1]);
  });

  it("has one run at a time, and whoever asks meanwhile is told for which commit", async () => {
    const { store, dispatch } = scene();
    await dispatch(verify);
    const again = { ...verify, meaningKey: "7-5-comment-11" };
    await expect(dispatch(again)).rejects.toMatchObject({
      kind: "invalid-request",
      message: expect.stringContaining("`cccccccccccc`"),
    });
    expect(store.runs.size).toBe(1);
  });

  it("can be stopped, and findings are accepted whether a run is open or not", async () => {
    const { store, dispatch, accepted } = scene();
    await dispatch(verify);
    await dispatch(stop);
    expect([...store.stops.values()]).toEqual(["ada"]);
    const accept: AcceptCommand = {
      kind: "accept",
      meaningKey: "7-5-comment-12",
      ...asked,
      findings: ["0a1b2c3d"],
      comment: "https://code.test/pull/5#issuecomment-12",
      headSha: "c".repeat(40),
    };
    await dispatch(accept);
    expect(accepted).toEqual([accept]);
  });
});
