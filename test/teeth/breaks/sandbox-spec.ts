import type { Break } from "../break.ts";

const SPEC = {
  promise: "sensible-spec",
  file: "src/sandbox/check-spec.ts",
  test: "test/unit/sandbox/check-spec.test.ts",
} as const;
const ORIGIN = {
  ...SPEC,
  file: "src/sandbox/egress-origin.ts",
  test: "test/unit/sandbox/egress-origin.test.ts",
};
const WIRE = {
  file: "src/sandbox/wire-host/wire-sandbox.ts",
  test: "test/unit/sandbox/wire-host/wire-sandbox.test.ts",
};

/** What is asked of a sandbox before it is made, or while its network is opened. */
export const sandboxSpecBreaks: readonly Break[] = [
  {
    ...SPEC,
    id: "limit-of-nothing",
    find: "return number >= min && number <= max;",
    replace: "return number <= max;",
    name: "what an engine would take for no limit is refused",
  },
  {
    ...SPEC,
    id: "limit-without-end",
    find: "return number >= min && number <= max;",
    replace: "return number >= min;",
    name: "what an engine would take for no limit is refused: workspaceMiB 1099511627776",
  },
  {
    ...SPEC,
    id: "half-a-process",
    find: "(whole && !Number.isInteger(number))",
    replace: "(whole && Number.isNaN(number))",
    name: "what an engine would take for no limit is refused: memoryMiB 512.5",
  },
  {
    ...SPEC,
    id: "more-than-there-are",
    find: "if (cpus <= processors) return spec;",
    replace: "if (cpus > 0) return spec;",
    name: "more processors than there are become all of them",
  },
  {
    ...SPEC,
    id: "egress-unchecked",
    find: "  checkEgress(egress);\n",
    replace: "",
    name: "a network that no request could match",
  },
  {
    ...ORIGIN,
    id: "origin-any-case",
    find: "const isName = inner === undefined && NAME.test(host);",
    replace: "const isName = inner === undefined && NAME.test(host.toLowerCase());",
    name: "Example.org:443 is refused",
  },
  {
    ...ORIGIN,
    id: "origin-any-host",
    find: "const isName = inner === undefined && NAME.test(host);",
    replace: "const isName = inner === undefined;",
    name: "is refused, and it is said how to write one",
  },
  {
    ...ORIGIN,
    id: "traffic-not-a-number",
    find: "if (policy.maxBytes >= 0) return;",
    replace: "if (!(policy.maxBytes < 0)) return;",
    name: "bytes would hold nothing",
  },
  {
    ...WIRE,
    id: "egress-opened-unchecked",
    promise: "sensible-spec",
    find: "    checkEgress(policy);\n",
    replace: "",
    name: "a network that can't be meant is refused",
  },
  {
    ...WIRE,
    id: "no-way-out",
    promise: "way-out",
    find: "...(isOnline ? egressEnv() : {}),",
    replace: "",
    name: "while something may be reached, and only then",
  },
  {
    ...WIRE,
    id: "way-out-of-nowhere",
    promise: "way-out",
    find: "...(isOnline ? egressEnv() : {}),",
    replace: "...egressEnv(),",
    name: "while something may be reached, and only then",
  },
  {
    id: "file-too-long",
    promise: "sensible-spec",
    file: "src/sandbox/providers/sparse-file.ts",
    find: "throw isTooLong(error) ?",
    replace: "throw isTooLong(path) ?",
    test: "test/unit/sandbox/providers/sparse-file.test.ts",
    name: "where no file may be so long",
  },
];
