import type { ChangedFile, Content } from "../../src/evidence/gate.ts";
import { judgeGates } from "../../src/evidence/gates.ts";
import { roleOf } from "../../src/workspace/file-role.ts";

const text = (source: string | null): Content =>
  source === null ? { kind: "absent" } : { kind: "text", text: source };

export function file(path: string, base: string | null, head: string | null): ChangedFile {
  return { path, role: roleOf(path), base: text(base), head: text(head) };
}

export function found(...files: readonly ChangedFile[]): readonly string[] {
  const gates = judgeGates(files).filter((gate) => gate.result !== "pass");
  return [...new Set(gates.map((gate) => `${gate.id}: ${gate.result}`))].sort();
}

export const TAPE = `var test = require('tape');

// it's a comment
test('one', function (t) {
    var argv = parse(['--x', '4']); /* test.skip( */
    t.equal(argv.x, 4);
    t.deepEqual(argv, { x: 4, _: [] });
    t.end();
});

test("two 'quoted'", function (t) {
    t.throws(() => parse(null), /it's/);
    t.end();
});
`;
export const VITEST = `import { expect, it, describe } from "vitest";

describe("parse", () => {
  it("reads", async () => {
    const value = \`a \${1 + "}".length} \`;
    expect(parse(value)).toBe(1);
    await expect(load()).rejects.toThrow("x");
  });

  it("writes", () => {
    expect(write(1)).toEqual({ a: 1 });
  });
});
`;
export const change = (source: string, from: string, to: string) => {
  if (!source.includes(from)) throw new Error(`No ${from} to change.`);
  return source.replace(from, to);
};
