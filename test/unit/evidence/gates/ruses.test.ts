import { describe, expect, it } from "vitest";
import { judgeGates } from "../../../../src/evidence/gates.ts";
import { file, found, TAPE } from "../../../fakes/gate-files.ts";

describe("what is skipped, focused or to do", () => {
  it.each([
    "test.skip('x', () => {})",
    "it.only('x', () => {})",
    "describe.skip('x', () => {})",
    "it.todo('x')",
    "xit('x', () => {})",
    "xdescribe('x', () => {})",
    "fit('x', () => {})",
    "test('x', { skip: true }, () => {})",
    "test('x', { todo: 'later' }, () => {})",
    "test('x', (t) => { t.skip(); })",
    "it('x', function () { this.skip(); })",
    "const { skip } = test;",
    "test['skip']('x', () => {})",
    "const later = test.skip;",
    "test('x', { skip: !ok }, f)",
    "it.each([1]).skip('x', f); it.skip.each([1])('y', f)",
    "test.skipIf(true)('x', f)",
    "test.fails('x', f)",
  ])("%s", (line) => {
    expect(found(file("test/a.js", TAPE, `${TAPE}${line}\n`))).toContain("nothing-skipped: block");
    expect(found(file("test/new.js", null, line))).toContain("nothing-skipped: block");
    expect(found(file("test/a.js", `${TAPE}${line}\n`, `${TAPE}${line}\n`))).toEqual([]);
  });
});

describe("source that knows the tests, and replaced runners", () => {
  it.each([
    "if (process.env.NODE_ENV === 'test') return 1",
    "const { VITEST } = process.env",
    "process.env['JEST_WORKER_ID']",
    "process.argv.some((a) => /mocha|tape/.test(a))",
    "process.argv[1].includes('test')",
    "typeof describe === 'function'",
    "process.env.NODE_TEST_CONTEXT",
    "Object.keys(process.env).some((name) => name.endsWith(wanted))",
    "Object.getOwnPropertyNames(globalThis)",
    "name.startsWith('__vitest')",
    "String(new Error().stack).split('x')",
    "String(new Error(x.y(1)).stack)",
    "const { stack } = new Error()",
    "error.stack.includes('/test/')",
    "Error.prepareStackTrace = f",
    "const careful = os.availableParallelism() > 1",
    "['root'].includes(userInfo().username)",
    "process.cwd().startsWith('/home/')",
    "process.env.USER === 'job'",
    "basename(process.argv[1] ?? '').split('.').at(-2) === 'test'",
  ])("%s", (line) => {
    expect(found(file("lib/a.js", "", line))).toContain("source-ignores-tests: block");
    expect(found(file("lib/a.js", line, `${line}\n// same`))).toEqual([]);
  });

  it.each([
    "assert.equal = () => {}",
    "Array.prototype.sort = f",
    "Object.defineProperty(Array.prototype, 'sort', {})",
    "Object.assign(String.prototype, more)",
    "Math.random = () => 0",
    "globalThis.JSON.parse = f",
    "require('assert'); assert['deepEqual'] = f",
    "expect.prototype.x = 1",
    "Date = Fake",
    "globalThis.Date = Fake",
    "Date.now = () => 0",
    "process.exit = () => {}",
    "Object.defineProperty(assert, 'ok', {})",
    "Object.defineProperty(globalThis, 'Date', {})",
    "Object.assign(globalThis, {})",
    "delete require.cache[x]",
    "Module._load = f",
    "global.test = f",
    "Reflect.set(process, 'exit', f)",
    "process.stdout.write = f",
    "process.getBuiltinModule('assert').ok = f",
    "process['getBuiltinModule']('assert')",
    "syncBuiltinESMExports()",
    "registerHooks({ load })",
    "const { reallyExit } = process",
    "Lru.prototype.get = function () {}",
  ])("%s", (line) => {
    expect(found(file("lib/a.js", "", line))).toContain("runner-untouched: block");
    expect(found(file("test/a.js", TAPE, `${TAPE}${line}\n`))).toContain("runner-untouched: block");
  });

  it.each([
    "import { mock } from 'node:test'",
    "import 'mocha'",
    "const tape = require('tape')",
    "await import('vitest')",
    "process.exit()",
    "process.exit(0)",
    "process.kill(process.ppid)",
  ])("in source: %s", (line) => {
    expect(found(file("lib/a.js", "", line))).toContain("runner-untouched: block");
    expect(found(file("lib/a.js", line, `${line}\n// same`))).toEqual([]);
  });

  it.each(["process.exit(1)", "process.exit(code)", "process.exitCode = 2"])(
    "only flags %s in source",
    (line) => {
      expect(found(file("lib/a.js", "", line))).toEqual(["runner-untouched: flag"]);
    },
  );

  it.each([
    "const test = require('./try')",
    "const expect = chai.expect, it = 1",
    "x.Date = 1",
    "process.env.A = 'b'",
    "if (a === Date) {}",
    "Object.defineProperty(global, 'location', { value: 1 })",
  ])("not %s", (line) => {
    expect(found(file("lib/a.js", "", line))).toEqual([]);
  });
});

it("says so when all is well, one line a gate", () => {
  const gates = judgeGates([file("lib/a.js", "a", "b")]);
  expect(gates).toHaveLength(12);
  expect(gates.every((gate) => gate.result === "pass" && gate.path === null)).toBe(true);
});

it("names the place", () => {
  const [gate] = judgeGates([file("test/a.js", TAPE, `${TAPE}test.only('x', f)\n`)]);
  expect(gate).toMatchObject({
    id: "nothing-skipped",
    result: "block",
    path: "test/a.js",
    line: 15,
  });
});

it("takes linear time for hostile files", () => {
  for (const part of [
    "test.",
    "`${",
    "(/[",
    "(",
    "{",
    "t.equal(",
    "test('a', () => {",
    "self.Date.",
    "'\\",
    "/*",
    "a=/[[",
    "test.skip.",
  ]) {
    const source = part.repeat(50_000 / part.length);
    expect(judgeGates([file("test/a.js", source, `${source}x`)])).not.toHaveLength(0);
  }
}, 60_000);

describe("mocks of the repository's own modules", () => {
  it.each([
    "vi.mock('../src/render.js', () => ({ render }))",
    "jest.mock('../src/api')",
    "mock.module(import.meta.resolve('../src/queue.js'), { namedExports: { Queue } })",
    "await jest.unstable_mockModule('./a.js', f)",
  ])("%s", (line) => {
    expect(found(file("test/a.js", TAPE, `${TAPE}${line}\n`))).toContain("no-way-around: block");
    expect(found(file("test/a.js", `${TAPE}${line}\n`, `${TAPE}${line}\n`))).toEqual([]);
  });

  it.each(["vi.mock('node:fs')", "const load = vi.fn()", "mock.method(console, 'log')"])(
    "but not %s",
    (line) => {
      expect(found(file("test/new.js", null, line))).not.toContain("no-way-around: block");
    },
  );

  it("are told from methods that a file gives its own class", () => {
    const own = "function Lru() {}\nLru.prototype.get = function () {}";
    expect(found(file("lib/a.js", "", own))).toEqual([]);
  });
});

describe("source that takes the runner's work away", () => {
  it.each([
    "scope.expect?.extend({ toBe })",
    "globalThis['expect'].extend({ toBe })",
    "utils.overwriteMethod(proto, 'equal', f)",
    "const events = ['unhandledRejection']",
    "process.removeAllListeners(event)",
    "for (const event of events) process.on(event, () => {})",
  ])("%s", (line) => {
    expect(found(file("lib/a.js", "", line))).toContain("runner-untouched: block");
    expect(found(file("lib/a.js", line, `${line}\n// same`))).toEqual([]);
  });

  it.each([
    "process.on('exit', clean)",
    "logger.error(error.stack)",
    "if (request.headers.expect === '100-continue') proceed()",
    "Object.assign({}, Array)",
    "const cwd = process.cwd()",
    "own.Promise = Promise",
  ])("%s is what programs do", (line) => {
    expect(found(file("lib/a.js", "", line)).filter((one) => one.endsWith("block"))).toEqual([]);
  });
});

describe("built files", () => {
  it("block when they change alone, and are flagged beside their sources", () => {
    const built = file("dist/a.js", "1", "2");
    expect(found(built)).toEqual(["built-from-source: block"]);
    expect(found(built, file("src/a.js", "1", "2"))).toEqual(["built-from-source: flag"]);
    expect(found(file("src/a.js", "1", "2"))).toEqual([]);
  });
});

it("a test that writes to the source blocks", () => {
  const guard = `const file = new URL("../src/a.js", import.meta.url);\nwriteFileSync(file, "x");`;
  expect(found(file("test/guard.js", null, guard))).toContain("runner-untouched: block");
  const output = `writeFileSync(join(folder, "a.js"), "x"); rmSync("test/out/a.js")`;
  expect(found(file("test/own.js", null, output))).toEqual(["runner-untouched: block"].slice(1));
});
