import type { Break } from "../break.ts";

const QUESTION = {
  promise: "same-install",
  file: "src/run/saved-installs.ts",
  test: "test/unit/run/saved-installs.test.ts",
} as const;
const SET_UP = {
  ...QUESTION,
  file: "src/run/set-up.ts",
  test: "test/unit/run/set-up.test.ts",
};
const FILES = {
  ...QUESTION,
  file: "src/run/stores/json-files.ts",
  test: "test/unit/run/stores/install-files.test.ts",
};

/** What one run installed and another one uses. */
export const savedInstallBreaks: readonly Break[] = [
  {
    ...QUESTION,
    id: "install-of-any-commit",
    find: "JSON.stringify({ ...asked, runtime, imageDigest, content })",
    replace: "JSON.stringify({ ...asked, runtime, imageDigest, files: content.length })",
    name: "everything that decides what an installation makes is another question",
  },
  {
    ...QUESTION,
    id: "install-of-any-image",
    find: "JSON.stringify({ ...asked, runtime, imageDigest, content })",
    replace: "JSON.stringify({ ...asked, runtime, content })",
    name: "everything that decides what an installation makes is another question",
  },
  {
    ...QUESTION,
    id: "install-of-any-repository",
    find: "const { tree, isolation, ...asked } = question;",
    replace: "const { tree, isolation, ...asked } = { ...question, repositoryId: 0 };",
    name: "everything that decides what an installation makes is another question",
  },
  {
    ...QUESTION,
    id: "install-unlocked",
    find: "if (!isLocked) return undefined;",
    replace: "",
    name: "without a lock file at the top nothing is known beforehand",
  },
  {
    ...QUESTION,
    id: "install-for-ever",
    find: "return nowMs - installedAtMs < MAX_AGE_MS;",
    replace: "return nowMs >= installedAtMs;",
    name: "what was installed longer than a week ago",
  },
  {
    ...SET_UP,
    file: "src/artifact/artifact.ts",
    id: "install-of-the-damaged",
    find: 'error.code.startsWith("artifact-")) return false;',
    replace: 'error.code.startsWith("artifact-")) return true;',
    name: "what was kept and is damaged or gone is installed again",
  },
  {
    ...SET_UP,
    id: "install-unsaid",
    find: "findings: [...findings, source] };",
    replace: "findings };",
    name: "what one run installed serves the next",
  },
  {
    ...FILES,
    id: "install-for-others-to-read",
    find: "JSON.stringify(saved), { mode: 0o600 });",
    replace: "JSON.stringify(saved), { mode: 0o644 });",
    name: "another process finds what was kept, for its owner only",
  },
  {
    ...FILES,
    id: "installs-without-end",
    find: "      await forgetOldest(folder);\n",
    replace: "",
    name: "of more than a thousand",
  },
];
