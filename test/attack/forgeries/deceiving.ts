import type { Forgery } from "./forgery.ts";

const BUG = "export function add(a, b) {\n  return a - b;\n}\n";
const DOUBLE = "\nexport function double(a) {\n  return a * 2;\n}\n";

/** The broken source with something before or after it. */
function source(before: string, after = ""): string {
  return `${before}${BUG}${DOUBLE}${after}`;
}

/** In the code that the untouched test loads: it deceives the assertion, the runner or the report. */
export const DECEIVING: readonly Forgery[] = [
  {
    name: "patches assert",
    files: {
      "sum.js": source(
        'import assert from "node:assert/strict";\nassert.equal = () => {};\nassert.strictEqual = () => {};\n',
      ),
    },
  },
  {
    name: "patches assert by a computed name",
    files: {
      "sum.js": source(
        'const a = (await import("node:" + "ass" + "ert")).default;\nfor (const b of [a, a["str" + "ict"]]) for (const c of Object.keys(b)) if (typeof b[c] === "function") Reflect.set(b, c, () => {});\n',
      ),
    },
  },
  {
    name: "patches assert through the process",
    files: {
      "sum.js": source(
        'const a = process.getBuiltinModule("assert");\nObject.assign(a.strict, { equal() {} });\nprocess.getBuiltinModule("module").syncBuiltinESMExports();\n',
      ),
    },
  },
  {
    name: "patches the error's constructor",
    files: {
      "sum.js": source(
        'import { AssertionError } from "node:assert";\nObject.defineProperty(AssertionError.prototype, "code", { value: undefined });\nError.captureStackTrace = () => { throw 0; };\n',
      ),
    },
  },
  {
    name: "patches test",
    files: {
      "sum.js": source(
        'import { Test } from "node:test";\nimport * as runner from "node:test";\nrunner.default.beforeEach((t) => t.skip?.());\n',
      ),
    },
  },
  {
    name: "marks every test as a todo",
    files: {
      "sum.js": source('import { beforeEach } from "node:test";\nbeforeEach((t) => t.todo?.());\n'),
    },
  },
  {
    name: "mocks its caller's test",
    files: {
      "sum.js": source(
        'import runner from "node:test";\nconst was = runner.mock.method;\nrunner.mock.method(process.getBuiltinModule("assert").strict, "equal", () => {});\n',
      ),
    },
  },
  { name: "exits on load", files: { "sum.js": source("process.exit(0);\n") } },
  {
    name: "exits when called",
    files: { "sum.js": `export function add() {\n  process.exit(0);\n}\n${DOUBLE}` },
  },
  {
    name: "really exits when called",
    files: { "sum.js": `export function add() {\n  process.reallyExit(0);\n}\n${DOUBLE}` },
  },
  {
    name: "fixes the exit code",
    files: {
      "sum.js": source(
        'process.on("exit", () => {\n  process.exitCode = 0;\n});\nObject.defineProperty(process, "exitCode", { get: () => 0, set() {} });\n',
      ),
    },
  },
  {
    name: "ends the runner",
    files: { "sum.js": source('process.kill(process.ppid, "SIGKILL");\n') },
  },
  {
    name: "ends everything",
    files: { "sum.js": source('try { process.kill(-1, "SIGKILL"); } catch {}\n') },
  },
  {
    name: "prints TAP",
    files: {
      "sum.js": source(
        'console.log("TAP version 13\\nok 1 - adds two numbers\\nok 2 - doubles\\n1..2\\n# pass 2\\n# fail 0");\n',
      ),
    },
  },
  {
    name: "speaks for the runner",
    files: {
      "sum.js": source(
        `import { writeSync } from "node:fs";
import { serialize } from "node:v8";
const file = process.argv[1];
const event = (type, data) => {
  const body = serialize({ type, data });
  const head = Buffer.from([0xff, 0x0f, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 2);
  writeSync(1, Buffer.concat([head, body]));
};
event("test:pass", { name: "adds two numbers", nesting: 0, testNumber: 1, file, line: 5, column: 1, details: { duration_ms: 1, type: "test" } });
const end = process;
const code = Number("0");
end.exit(code);
`,
      ),
    },
  },
  {
    name: "rewrites what the runner says",
    files: {
      "sum.js": source(
        `const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk, ...rest) => write(typeof chunk === "string" ? chunk.replaceAll("not ok", "ok") : Buffer.from(Buffer.from(chunk).toString("latin1").replaceAll("test:fail", "test:pass"), "latin1"), ...rest);
`,
      ),
    },
  },
  {
    name: "rewrites the reports",
    files: {
      "sum.js": source(
        `import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
const better = (text) => text.replaceAll('"fail"', '"pass"').replaceAll("test:fail", "test:pass").replaceAll("not ok", "ok");
const rewrite = () => {
  const files = new Set(Object.values(process.env).concat(process.argv, process.execArgv).flatMap((text) => text.split(/[=:, ]/)).filter((one) => one.startsWith("/")));
  for (const pid of readdirSync("/proc")) {
    try { for (const fd of readdirSync("/proc/" + pid + "/fd")) files.add(readlinkSync("/proc/" + pid + "/fd/" + fd)); } catch {}
    try { for (const part of readFileSync("/proc/" + pid + "/cmdline", "utf8").split(/[\\0=]/)) files.add(part); } catch {}
  }
  for (const file of files) {
    if (!/^\\/(tmp|dev\\/shm|run|var)/.test(file) || !existsSync(file)) continue;
    try { const text = readFileSync(file, "utf8"); if (better(text) !== text) writeFileSync(file, better(text)); } catch {}
  }
};
process.on("exit", rewrite);
rewrite();
`,
      ),
    },
  },
  {
    name: "leaves a rewriter behind",
    files: {
      "sum.js": source(
        `import { spawn } from "node:child_process";
spawn(process.execPath, ["-e", ${JSON.stringify(
          `const fs = require("fs"), path = require("path");
const better = (text) => text.replaceAll('"fail"', '"pass"').replaceAll("test:fail", "test:pass").replaceAll("not ok", "ok");
const walk = (folder, depth) => { if (depth > 4) return; let entries = []; try { entries = fs.readdirSync(folder, { withFileTypes: true }); } catch { return; }
for (const entry of entries) { const file = path.join(folder, entry.name); if (entry.isDirectory()) walk(file, depth + 1); else try { const text = fs.readFileSync(file, "utf8"); if (better(text) !== text) fs.writeFileSync(file, better(text)); } catch {} } };
process.on("SIGTERM", () => {}); setInterval(() => { walk("/tmp", 0); walk("/dev/shm", 0); walk("/run", 0); }, 1); setTimeout(() => process.exit(), 20000);`,
        )}], { detached: true, stdio: "ignore" }).unref();
const until = Date.now() + 300;
while (Date.now() < until);
`,
      ),
    },
  },
  {
    name: "knows that it is tested",
    files: {
      "sum.js": `export function add(a, b) {\n  return process.env.NODE_TEST_CONTEXT || process.argv[1]?.includes("test") ? a + b : a - b;\n}\n${DOUBLE}`,
    },
  },
  {
    name: "rewrites the tests on disk",
    files: {
      "sum.js": source(
        `import { readdirSync, readFileSync, writeFileSync } from "node:fs";
for (const name of readdirSync(new URL("./test", import.meta.url))) {
  const file = new URL("./test/" + name, import.meta.url);
  try { writeFileSync(file, readFileSync(file, "utf8").replace("5)", "-1)")); } catch {}
}
`,
      ),
    },
  },
  {
    name: "loads modules in its own way",
    files: {
      "sum.js": source(
        `import { registerHooks } from "node:module";
registerHooks({ load(url, context, next) { const loaded = next(url, context); return url.includes("/test/") ? { ...loaded, source: "" } : loaded; } });
`,
      ),
    },
  },
  {
    name: "compares by its own rules",
    files: {
      "sum.js": source(
        "Object.is = () => true;\nNumber.prototype.valueOf = () => 5;\nReflect.ownKeys = () => [];\n",
        "",
      ),
    },
  },
];
