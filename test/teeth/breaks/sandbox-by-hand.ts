import type { Break } from "../break.ts";

const CLI = {
  promise: "sandbox-by-hand",
  file: "src/cli/sandbox-options.ts",
  test: "test/unit/cli/sandbox-options.test.ts",
} as const;

/** What `dunlin sandbox` is told and tells. */
export const sandboxByHandBreaks: readonly Break[] = [
  {
    ...CLI,
    id: "net-any-port",
    promise: "allow-list",
    find: 'return { mode: "allow", origins: nets.map(readOrigin),',
    replace: 'return { mode: "allow", origins: [...nets.map(readOrigin), "example.org:80"],',
    name: "--net opens the origins that it names and nothing else",
  },
  {
    ...CLI,
    id: "id-of-several",
    find: "if (found !== undefined && other === undefined) return found;",
    replace: "if (found !== undefined || other !== undefined) return found as SandboxInfo;",
    name: "the beginning of an id is enough while only one begins so",
  },
  {
    ...CLI,
    id: "lost-is-success",
    file: "src/cli/sandbox-command.ts",
    find: "return NO_SANDBOX;\n  }\n}\n\nfunction signalNumber",
    replace: "return 0;\n  }\n}\n\nfunction signalNumber",
    name: "exits with 125",
  },
  {
    ...CLI,
    id: "setting-is-no-usage",
    file: "src/cli/arguments.ts",
    find: '  "config",\n',
    replace: "",
    test: "test/unit/cli.test.ts",
    name: "with a wrong setting ends before anything is asked",
  },
];
