import { describe, expect, it } from "vitest";
import type { ChangedFile, Content } from "../../../src/evidence/gate.ts";
import { isTried, planHunks } from "../../../src/evidence/hunks.ts";
import { roleOf } from "../../../src/workspace/file-role.ts";
import type { FileChange } from "../../../src/workspace/patch.ts";

const side = (text: string | undefined): Content =>
  text === undefined ? { kind: "absent" } : { kind: "text", text };
const file = (path: string, base: string | undefined, head: string | undefined): ChangedFile => ({
  path,
  role: roleOf(path),
  base: side(base),
  head: side(head),
});
function plan(...files: readonly ChangedFile[]) {
  const changes = files.map(({ path, head }): FileChange => {
    if (head.kind !== "text") return { path, kind: "delete" };
    return { path, kind: "write", mode: "100755", data: new TextEncoder().encode(head.text) };
  });
  return planHunks(files, changes);
}
const shown = (...files: readonly ChangedFile[]) =>
  plan(...files).map((trial) => {
    const { path, line, lines, note } = trial.hunk;
    const tried = isTried(trial) ? trial.without : undefined;
    const text = tried?.kind === "write" ? new TextDecoder().decode(tried.data) : tried?.kind;
    return [`${path}:${line}+${lines}`, note, tried?.path, text];
  });

describe("the plan of hunks", () => {
  it("takes back what is source, and nothing else", () => {
    const files = [
      file("README.md", "a\n", "b\n"),
      file("package.json", "{}", '{"a":1}'),
      file("src/a.js", "const a = 1;\n", "const a = 2;\n"),
      file("src/a.test.js", "a\n", "b\n"),
      file("src/new.py", undefined, "x = 1\n"),
      file("src/old.go", "package a\n", undefined),
    ];
    expect(shown(...files)).toEqual([
      ["src/a.js:1+1", null, "src/a.js", "const a = 1;\n"],
      ["src/new.py:1+1", null, "src/new.py", "delete"],
      ["src/old.go:0+0", null, "src/old.go", "package a\n"],
    ]);
    expect(plan(...files)[0]).toMatchObject({ without: { mode: "100755" } });
  });

  it("says what no test can need, and what only imports", () => {
    const before = "const a = 1;\n";
    const found = shown(
      file("a.js", before, `// why\n${before}`),
      file("b.js", before, `\n\n${before}`),
      file("c.js", before, `import b from "b";\n${before}`),
      file("d.d.ts", "export type A = 1;\n", "export type A = 2;\n"),
    );
    expect(found.map(([, note, path]) => [note, path])).toEqual([
      ["Not tried: only comments or spaces differ.", undefined],
      ["Not tried: only blank lines differ.", undefined],
      ["It only imports.", "c.js"],
      ["Not tried: it only declares types.", undefined],
    ]);
  });

  it("does not take a comment away from code that stands beside it", () => {
    expect(shown(file("a.js", "f(1);\n", "f(2); // f(1)\n"))[0]?.[1]).toBeNull();
  });

  it("sees a renamed file as one", () => {
    const text = "const a = 1;\nconst b = 2;\nconst c = 3;\n";
    const found = shown(
      file("src/from.js", text, undefined),
      file("src/to.js", undefined, text.replace("c = 3", "c = 4")),
    );
    expect(found).toEqual([["src/to.js:3+1", null, "src/to.js", text]]);
  });

  it("tries ten at the most, and takes near ones together first", () => {
    const lines = (changed: string) =>
      Array.from({ length: 20 }, (_, index) => `f(${index}${changed});\n${"g();\n".repeat(6)}`);
    const near = shown(file("a.js", lines("").join(""), lines(" + 1").join("")));
    expect(near).toHaveLength(1);
    const many = Array.from({ length: 12 }, (_, index) => file(`${index}.js`, "f(1);", "f(2);"));
    const all = shown(...many);
    expect(all).toHaveLength(12);
    expect(all.filter(([, , path]) => path !== undefined)).toHaveLength(10);
    expect(all.at(-1)?.[1]).toBe("Not tried: it comes after the first 10.");
  });

  it("leaves out what can't be read, and says so", () => {
    const opaque: ChangedFile = {
      ...file("a.js", "a", "b"),
      head: { kind: "opaque", why: "it is not UTF-8 text" },
    };
    expect(shown(opaque)).toEqual([
      ["a.js:0+0", "Not tried: it is not UTF-8 text.", undefined, undefined],
    ]);
  });
});
