import { expect, test } from "vitest";
import { type Living, OUTLIVES_LABEL, reap, reapable } from "../../../src/sandbox/reaper.ts";
import type { SandboxInfo } from "../../../src/sandbox/sandbox.ts";

const NOW = 1_000_000_000;
const living: Living = {
  owner: "db/scope",
  processes: new Set(["alive"]),
  runs: new Set(["working"]),
};

function info(
  labels: Readonly<Record<string, string>>,
  more: Partial<SandboxInfo> = {},
): SandboxInfo {
  const times = { createdAtMs: 0, expiresAtMs: NOW + 1_000 };
  return { id: "1", labels, state: "running", ...times, ...more };
}

const ours = (process: string, more: Readonly<Record<string, string>> = {}) => ({
  owner: "db/scope",
  process,
  ...more,
});
const kept = (run?: string) =>
  ours("dead", { [OUTLIVES_LABEL]: "1", ...(run === undefined ? {} : { run }) });
const over = { expiresAtMs: NOW - 61_000 };

test.each<[string, SandboxInfo, ReturnType<typeof reapable>]>([
  ["a living process's own", info(ours("alive")), undefined],
  [
    "a living process's that has ended: it asks for the cause",
    info(ours("alive"), { state: "ended" }),
    undefined,
  ],
  ["a dead process's", info(ours("dead")), "process-gone"],
  ["a dead process's, paused", info(ours("dead"), { state: "paused" }), "process-gone"],
  ["one that nobody says he made", info({ owner: "db/scope" }), "process-gone"],
  ["one that outlives its process, for a run that goes on", info(kept("working")), undefined],
  ["one that outlives its process, for no run", info(kept()), undefined],
  ["one that outlives its process, for a run that is over", info(kept("done")), "run-over"],
  [
    "one that would outlive its process, but has ended",
    info(kept("working"), { state: "ended" }),
    "ended",
  ],
  ["one that outlives its process, past its time", info(kept("working"), over), "time-over"],
  ["a living process's, long past its time", info(ours("alive"), over), "time-over"],
  [
    "one whose time was over a moment ago",
    info(ours("alive"), { expiresAtMs: NOW - 1_000 }),
    undefined,
  ],
  ["another Dunlin's", info({ owner: "db/other", process: "dead" }), undefined],
  [
    "another Dunlin's past its time: it may have been extended",
    info({ owner: "db/other" }, over),
    undefined,
  ],
  ["another Dunlin's that has ended", info({ owner: "db/other" }, { state: "ended" }), undefined],
  [
    "another Dunlin's that has ended, past its time",
    info({ owner: "db/other" }, { ...over, state: "ended" }),
    "time-over",
  ],
  ["nobody's", info({}), undefined],
])("%s", (_name, sandbox, reason) => {
  expect(reapable(sandbox, NOW, living)).toBe(reason);
});

test("what can be destroyed goes, also when another one can't, which is said", async () => {
  const there = ["stuck", "a", "b"].map((id) => ({ ...info(ours("dead")), id }));
  const gone: string[] = [];
  const provider = {
    list: async () => [...there, { ...info(ours("alive")), id: "used" }],
    async destroy(id: string) {
      if (id === "stuck") throw new Error("the engine is busy");
      gone.push(id);
      return "destroyed" as const;
    },
  };
  await expect(reap(provider, NOW, living)).rejects.toThrow("the engine is busy");
  expect(gone).toEqual(["a", "b"]);
  there.shift();
  const reason = "process-gone";
  expect(await reap(provider, NOW, living)).toEqual([
    { id: "a", reason },
    { id: "b", reason },
  ]);
});
