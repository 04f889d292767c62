import type { Break } from "../break.ts";

const ACCEPT = {
  promise: "recorded-override",
  file: "src/evidence/override.ts",
  test: "test/unit/evidence/accept-findings.test.ts",
} as const;

/** A person's word is recorded, about what was meant and nothing else. */
export const overrideBreaks: readonly Break[] = [
  {
    ...ACCEPT,
    id: "names-collide",
    file: "src/evidence/accept-findings.ts",
    find: "startsWith(short)).length === 1",
    replace: "startsWith(short)).length > 0",
    name: "is longer where somebody made two findings begin alike",
  },
  {
    ...ACCEPT,
    id: "any-gate-excuses-old-tests",
    find: "ABOUT_OLD_TESTS.includes(gate) && ",
    replace: "",
    name: "by a gate about something else",
  },
  {
    ...ACCEPT,
    id: "half-accepted-file",
    find: " && !stillOpen.has(path)",
    replace: "",
    name: "are accepted with the file's last finding",
  },
  {
    ...ACCEPT,
    id: "fork-is-run",
    file: "src/command/on-pull-request.ts",
    promise: "live-permission",
    find: "if (!pull.isOwnBranch) return forkAnswer();",
    replace: "",
    test: "test/unit/webhook/on-pull-request.test.ts",
    name: "of a fork's pull request is refused",
  },
];
