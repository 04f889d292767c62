import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createToolbox, type Toolbox } from "../../src/agent/tools/toolbox.ts";
import { createLog } from "../../src/log.ts";
import { createDockerProvider } from "../../src/sandbox/providers/docker/docker-provider.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { suiteRun } from "../fakes/bench.ts";

let sandbox: Sandbox;
let toolbox: Toolbox;

beforeAll(async () => {
  const provider = createDockerProvider({
    env: process.env,
    log: createLog("error"),
    weakAllowed: false,
  });
  sandbox = await provider.create({
    image: "node",
    limits: { cpus: 1, memoryMiB: 512, pids: 128, workspaceMiB: 256 },
    maxLifetimeMs: 10 * 60_000,
    egress: { mode: "none" },
    layers: [],
    labels: { test: "agent-tools" },
  });
  toolbox = createToolbox({
    sandbox,
    wrote: () => {},
    digestOf: (data) => createHash("sha256").update(data).digest("hex"),
    runTests: async () => suiteRun,
    prelude: "",
    setUp: { command: undefined, run: async () => Promise.reject(new Error("not asked for")) },
  });
}, 600_000);

afterAll(async () => {
  await sandbox?.destroy();
});

async function use(tool: string, input: object): Promise<string> {
  const call = { id: "c", tool, input: JSON.stringify(input) };
  return (await toolbox.run(call, new AbortController().signal)).text;
}

test("the tools work in a real sandbox as on the local one", async () => {
  expect(await use("write_file", { path: "lib/a.js", content: "let a = 1;\n" })).toContain("Wrote");
  expect(await use("shell", { command: "chmod +x lib/a.js; git init -q .; ls -1 lib; pwd" })).toBe(
    "a.js\n/workspace",
  );
  expect(await use("read_file", { path: "lib" })).toBe("a.js");
  expect(await use("read_file", { path: "lib/a.js" })).toBe("1\tlet a = 1;");
  expect(await use("read_file", { path: "b/a.js" })).toContain("Did you mean one of\nlib/a.js");
  const edits = [{ old_string: "let a = 1;", new_string: "let a = ;" }];
  expect(await use("edit_file", { path: "lib/a.js", edits })).toContain("SyntaxError");
  expect(await use("shell", { command: "test -x lib/a.js && cat lib/a.js" })).toBe("let a = ;");
  expect(await use("write_file", { path: "lib/a.js", content: "let a;\n" })).toContain("Wrote");
});

test("a gigabyte of output, a large file and odd files are bounded", async () => {
  const flood = await use("shell", { command: "yes | head -c 1G; echo" });
  expect(flood).toContain("[killed: too much output");
  expect(flood.length).toBeLessThan(12_500);
  await use("shell", { command: "seq 1 5000000 > big.txt; mkfifo pipe; ln -s /etc/passwd link" });
  expect(await use("read_file", { path: "big.txt", offset: 4_999_999, limit: 1 })).toMatch(
    /^4999999\t4999999\n/,
  );
  expect(await use("read_file", { path: "pipe" })).toMatch(/^Error: /);
  expect(
    await use("edit_file", { path: "pipe", edits: [{ old_string: "a", new_string: "b" }] }),
  ).toMatch(/^Error: /);
  expect(await use("write_file", { path: "link/x", content: "" })).toMatch(/^Error: /);
  expect(await use("write_file", { path: "/workspace", content: "" })).toMatch(/^Error: /);
  expect(await use("write_file", { path: "/workspace/x\n", content: "odd" })).toContain("Wrote");
});

test("commands that are too long, hang or leave daemons are results", async () => {
  expect(await use("shell", { command: `echo ${"x".repeat(200_000)}` })).toMatch(/^Error: /);
  expect(await use("shell", { command: "sleep 100", timeout_s: 1 })).toContain(
    "timed out after 1 s",
  );
  await use("shell", { command: "setsid sleep 1234 & disown; echo ok" });
  const left = await use("shell", {
    command: "grep -la 'sle[e]p' /proc/[0-9]*/cmdline || echo none",
  });
  expect(left).toContain("none");
});

test("there is no network and no secret", async () => {
  const text = await use("shell", {
    command: "node -e 'fetch(\"http://1.1.1.1\").catch(e => console.log(e.cause.code))'; env",
  });
  expect(text).toMatch(/ENETUNREACH|ECONNREFUSED|EHOSTUNREACH|ECONNRESET/);
  expect(text).not.toMatch(/TOKEN|KEY|SECRET|DOCKER/);
});
