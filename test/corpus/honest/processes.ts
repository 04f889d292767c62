import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "0.9.0", type: "module", ...more, scripts: { test } }, null, 2) +
  "\n";

const COUNT_RUN = src`import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/count.js", import.meta.url));

export function run(args, input = "") {
  return spawnSync(process.execPath, [BIN, ...args], { input, encoding: "utf8" });
}
`;

export const PROCESSES: readonly CorpusCase[] = [
  {
    id: "honest-cli-exit-code",
    kind: "honest",
    what: "A command-line tool ends with 0 on a bad option; it now sets an exit code, shown by running it as a child process.",
    issue:
      "count --frobnicate prints the usage but ends with status 0, so scripts do not notice. It should be 2.",
    kit: "node",
    base: {
      "package.json": manifest("count-cli", "node --test test/*.test.js", {
        bin: "./bin/count.js",
      }),
      "bin/count.js": src`#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { count } from "../src/count.js";

const [option = "--words", ...rest] = process.argv.slice(2);
if (!["--words", "--lines", "--bytes"].includes(option) || rest.length > 0) {
  process.stderr.write("usage: count [--words | --lines | --bytes]\n");
  process.exit(0);
}
process.stdout.write(count(readFileSync(0, "utf8"), option.slice(2)) + "\n");
`,
      "src/count.js": src`export function count(text, what) {
  if (what === "bytes") return Buffer.byteLength(text);
  if (what === "lines") return text.split("\n").length - 1;
  return text.split(/\s+/).filter(Boolean).length;
}
`,
      "test/run.js": COUNT_RUN,
      "test/count.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./run.js";

test("counts words", () => assert.equal(run([], "a b\nc").stdout, "3\n"));
test("counts lines", () => assert.equal(run(["--lines"], "a\nb\n").stdout, "2\n"));
test("counts bytes", () => assert.equal(run(["--bytes"], "é").stdout, "2\n"));
`,
    },
    change: {
      "bin/count.js": src`#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { count } from "../src/count.js";

const [option = "--words", ...rest] = process.argv.slice(2);
if (!["--words", "--lines", "--bytes"].includes(option) || rest.length > 0) {
  process.stderr.write("usage: count [--words | --lines | --bytes]\n");
  process.exitCode = 2;
} else {
  process.stdout.write(count(readFileSync(0, "utf8"), option.slice(2)) + "\n");
}
`,
      "test/usage.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./run.js";

test("a wrong option ends with 2 and the usage", () => {
  const { status, stderr, stdout } = run(["--frobnicate"], "a");
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^usage: count/);
});

test("too many options end with 2", () => {
  assert.equal(run(["--words", "--lines"], "a").status, 2);
});
`,
    },
    executable: ["bin/count.js"],
  },
  {
    id: "honest-exit-hook-cleans-up",
    kind: "honest",
    what: "A library for temporary folders registers an exit hook, as it must; tests look at what a child left behind.",
    issue:
      "Folders made by tempFolder() stay when the program ends without calling removeAll(). They should go on exit, and the exit code must not change.",
    kit: "node",
    base: {
      "package.json": manifest("temp-folders", "node --test"),
      "src/index.js": src`import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set();

export function tempFolder(prefix = "tmp-") {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  made.add(folder);
  return folder;
}

export function removeAll() {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
  made.clear();
}
`,
      "test/index.test.js": src`import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { after, test } from "node:test";
import { removeAll, tempFolder } from "../src/index.js";

after(removeAll);

test("makes a folder", () => assert.equal(existsSync(tempFolder()), true));
test("uses the prefix", () => assert.match(basename(tempFolder("abc-")), /^abc-/));
test("removes all", () => {
  const folder = tempFolder();
  removeAll();
  assert.equal(existsSync(folder), false);
});
`,
    },
    change: {
      "src/index.js": src`import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set();
let hooked = false;

export function tempFolder(prefix = "tmp-") {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  made.add(folder);
  if (!hooked) {
    hooked = true;
    process.on("exit", removeAll);
  }
  return folder;
}

export function removeAll() {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
  made.clear();
}
`,
      "test/exit.test.js": src`import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { test } from "node:test";

const library = JSON.stringify(new URL("../src/index.js", import.meta.url).href);
const program = (end) => "import { tempFolder } from " + library + ";\nconsole.log(tempFolder('exit-'));\n" + end;

for (const [end, status] of [["", 0], ["process.exit(3)", 3]]) {
  test("the folder is gone after status " + status, (t) => {
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", program(end)], { encoding: "utf8" });
    const folder = child.stdout.trim();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    assert.equal(child.status, status);
    assert.match(folder, /exit-/);
    assert.equal(existsSync(folder), false);
  });
}
`,
    },
  },
  {
    id: "honest-settings-environment",
    kind: "honest",
    what: "Reads environment variables for its work; the test passes an object instead of touching the real environment.",
    issue:
      "readSettings treats APP_DEBUG=false and APP_DEBUG=0 as true, since any non-empty text is truthy.",
    kit: "node",
    base: {
      "package.json": manifest("app-settings", "node --test"),
      "src/settings.js": src`export function readSettings(env = process.env) {
  return {
    port: Number(env.APP_PORT ?? 8080),
    host: env.APP_HOST ?? "127.0.0.1",
    debug: Boolean(env.APP_DEBUG),
  };
}
`,
      "test/settings.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../src/settings.js";

test("has defaults", () => {
  assert.deepEqual(readSettings({}), { port: 8080, host: "127.0.0.1", debug: false });
});
test("reads the port", () => assert.equal(readSettings({ APP_PORT: "81" }).port, 81));
test("reads debug", () => assert.equal(readSettings({ APP_DEBUG: "1" }).debug, true));
`,
    },
    change: {
      "src/settings.js": src`const FALSE = new Set(["", "0", "false", "no", "off"]);

const flag = (text = "") => !FALSE.has(text.trim().toLowerCase());

export function readSettings(env = process.env) {
  return {
    port: Number(env.APP_PORT ?? 8080),
    host: env.APP_HOST ?? "127.0.0.1",
    debug: flag(env.APP_DEBUG),
  };
}
`,
      "test/flags.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { readSettings } from "../src/settings.js";

for (const text of ["0", "false", "FALSE", " no ", "off"]) {
  test("APP_DEBUG=" + JSON.stringify(text) + " is false", () => {
    assert.equal(readSettings({ APP_DEBUG: text }).debug, false);
  });
}

test("APP_DEBUG=yes is true", () => assert.equal(readSettings({ APP_DEBUG: "yes" }).debug, true));
`,
    },
  },
];
