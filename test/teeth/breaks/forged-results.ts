import type { Break } from "../break.ts";

const RUSES = {
  test: "test/unit/evidence/gates/ruses.test.ts",
  file: "src/evidence/gates/patching.ts",
  promise: "no-rigging",
} as const;

/** Ways to look verified, and to reach people, that the attack suite found open once. */
export const forgedResultsBreaks: readonly Break[] = [
  {
    ...RUSES,
    id: "quiet-exit",
    find: 'return code === undefined || code.text === ")" || code.text === "0";',
    replace: "return code === undefined;",
    name: "in source: process.exit",
  },
  {
    ...RUSES,
    id: "runner-in-source",
    find: 'if (before !== "(") return before === "from" || before === "import";',
    replace: 'if (before !== "(") return before === "import";',
    name: "in source: import { mock }",
  },
  {
    ...RUSES,
    id: "back-door",
    find: "if (token !== undefined && isBackDoor(tokens, at, token)) return true;",
    replace: "",
    name: "getBuiltinModule",
  },
  {
    id: "unlocked-assert",
    promise: "no-rigging",
    file: "src/check/reporters/lock.ts",
    find: "{ writable: false, configurable: false }",
    replace: "{}",
    test: "test/integration/attack-results.test.ts",
    name: "patches assert by a computed name",
  },
  {
    id: "installed-code",
    promise: "patch-roles",
    file: "src/workspace/patch-policy.ts",
    find: '  installed: "is installed code, which Dunlin never changes",\n',
    replace: "",
    test: "test/unit/workspace/patch-policy.test.ts",
    name: "paths that a patch may not hold",
  },
  {
    id: "older-tree",
    promise: "model-word",
    file: "src/run/check-change.ts",
    find: "if (run.unkept !== undefined) {",
    replace: 'if (run.unkept === "") {',
    test: "test/unit/run/check-change.test.ts",
    name: "an older tree does not stand for one",
  },
  {
    id: "plan-active",
    promise: "harmless-words",
    file: "src/run/status.ts",
    find: "harmlessLine(text)}`",
    replace: "text || harmlessLine(text)}`",
    test: "test/unit/run/status.test.ts",
    name: "do nothing on the code host",
  },
  {
    id: "missed-again",
    promise: "stored-first",
    file: "src/github/missed-deliveries.ts",
    find: "taken.has(attempt.guid) || ",
    replace: "",
    test: "test/integration/github-missed.test.ts",
    name: "come again once",
  },
];
