import type { Break } from "../break.ts";

const STILL = {
  promise: "stands-still",
  file: "src/sandbox/providers/docker/stand-still.ts",
  test: "test/unit/sandbox/providers/docker/stand-still.test.ts",
} as const;
const ANEW = { promise: "made-anew" } as const;
const POOL = {
  ...ANEW,
  file: "src/sandbox/providers/docker/pool.ts",
  test: "test/unit/sandbox/providers/docker/pool.test.ts",
} as const;
const FLOODS = {
  promise: "bounded-memory",
  test: "test/integration/floods.test.ts",
} as const;

/** How sandboxes rest, how others take the place of those that are of no use, and what must not grow meanwhile. */
export const restBreaks: readonly Break[] = [
  {
    ...STILL,
    id: "kernel-runs-on",
    find: 'if (sentry !== undefined) signal(sentry, "SIGSTOP");',
    replace: "",
    name: "a gVisor kernel is stopped after what runs on it",
  },
  {
    ...STILL,
    id: "kernel-told-too-early",
    find: "await goOn(sentry, container.id);",
    replace: "",
    name: "a gVisor kernel is stopped after what runs on it",
  },
  {
    ...STILL,
    id: "another-kernel-stopped",
    find: 'basename(program) === "runsc-sandbox" && args.at(-1) === id ?',
    replace: 'basename(program) === "runsc-sandbox" && id !== "" ?',
    name: "no process is stopped that isn't that container's kernel",
  },
  {
    ...STILL,
    id: "never-woken",
    find: "    await goOn(State.Pid, container.id);\n",
    replace: "",
    name: "a kernel that stands still is woken",
  },
  {
    ...STILL,
    id: "never-woken-to-be-removed",
    file: "src/sandbox/providers/docker/machine.ts",
    find: 'return (await wake(container)) ? forceRemoval(container) : "already-gone";',
    replace: "return forceRemoval(container);",
    test: "test/integration/sandbox-pause.test.ts",
    name: "whose process was killed can be removed",
  },
  {
    ...STILL,
    id: "removed-while-paused",
    file: "src/sandbox/providers/docker/machine.ts",
    find: "      await stood();\n",
    replace: "",
    test: "test/unit/sandbox/providers/docker/machine.test.ts",
  },
  {
    ...ANEW,
    id: "failed-for-all",
    file: "src/sandbox/providers/known-sandboxes.ts",
    find: "const sandbox = await known.catch(() => undefined);",
    replace: "const sandbox = await known;",
    test: "test/unit/sandbox/providers/known-sandboxes.test.ts",
    name: "one whose making failed for somebody else is made anew",
  },
  {
    ...ANEW,
    id: "key-of-the-dead",
    file: "src/sandbox/providers/docker/starter.ts",
    find: "around).catch(nothingThere);",
    replace: "around);",
    test: "test/integration/sandbox-reconnect.test.ts",
    name: "on runc is made anew for its key",
  },
  {
    ...ANEW,
    id: "claimed-in-vain",
    file: "src/sandbox/providers/docker/start-sandbox.ts",
    find: "      await claimed.connection.answer(ANSWER_MS);\n",
    replace: "",
    test: "test/integration/pool.test.ts",
    name: "on runc hands on to a fresh container",
  },
  {
    ...POOL,
    id: "pool-tries-at-once",
    find: "shelf.failedUntilMs = Date.now() + AFTER_FAILURE_MS;",
    replace: "shelf.failedUntilMs = Date.now();",
    name: "tried again by itself after a minute",
  },
  {
    ...POOL,
    id: "pool-gives-up",
    find: "shelf.failedUntilMs = Date.now() + AFTER_FAILURE_MS;",
    replace: "shelf.failedUntilMs = Number.POSITIVE_INFINITY;",
    name: "tried again by itself after a minute",
  },
  {
    ...FLOODS,
    id: "log-kept-whole",
    file: "src/sandbox/wire-host/running-command.ts",
    find: "const DEFAULT_MAX_OUTPUT_BYTES = 1024 ** 2;",
    replace: "const DEFAULT_MAX_OUTPUT_BYTES = 1024 ** 3;",
    name: "on runc of the kind log",
  },
  {
    ...FLOODS,
    id: "changes-without-end",
    promise: "patch-size",
    file: "src/workspace/survey.ts",
    find: "if (files > PATCH_LIMITS.files) {",
    replace: "if (files > Number.MAX_SAFE_INTEGER) {",
    name: "on runc of the kind files",
  },
  {
    id: "snapshot-of-strangers",
    promise: "own-names",
    file: "src/sandbox/providers/docker/workspaces/state-folder.ts",
    find: "record?.boot !== (await bootId()) || record.uid !== uid",
    replace: "record?.boot !== (await bootId()) || uid < 0",
    test: "test/unit/sandbox/providers/docker/workspaces/state-folder.test.ts",
  },
];
