import { expect, test } from "vitest";
import { applyEdits, type Edit } from "../../../../src/agent/edit/apply-edits.ts";

const edit = (old_string: string, new_string: string, replace_all = false): Edit => ({
  old_string,
  new_string,
  replace_all,
});

function apply(source: string, ...edits: Edit[]) {
  const edited = applyEdits(source, edits);
  return edited.ok ? edited.text : edited.why;
}

test("an exact match is replaced, in the middle of a line too", () => {
  expect(apply("a = 1;\nb = 2;\n", edit("1;\nb", "3;\nc"))).toBe("a = 3;\nc = 2;\n");
});

test("edits are applied in order, each to what the one before left", () => {
  expect(apply("one\n", edit("one", "two"), edit("two", "three"))).toBe("three\n");
});

test("all or none", () => {
  const edited = applyEdits("one\n", [edit("one", "two"), edit("missing", "x")]);
  expect(edited).toMatchObject({ ok: false });
  expect(apply("one\n", edit("one", "two"), edit("missing", "x"))).toContain("edit 2 of 2");
});

test("replacement text is taken literally", () => {
  expect(apply("a b", edit("a", "$& $1 $$"))).toBe("$& $1 $$ b");
});

test("several places need replace_all, and are named by line", () => {
  const source = "x\ny\nx\nx x\n";
  expect(apply(source, edit("x", "z"))).toContain("4 times in the file, at lines 1, 3, 4, 4");
  expect(apply(source, edit("x", "z", true))).toBe("z\ny\nz\nz z\n");
});

test("many places are not all named", () => {
  const why = apply("x\n".repeat(5_000), edit("x", "z"));
  expect(why.length).toBeLessThan(400);
});

test.each([
  ["trailing-space", "a  \n\tb\t\nc\n", "a\n\tb", "A\n\tB", "A\n\tB\nc\n"],
  [
    "indentation",
    "    if (x) {\n      y();\n    }\n",
    "if (x) {\n  y();\n}",
    "if (z) {\n  y();\n}",
    "    if (z) {\n      y();\n    }\n",
  ],
  ["indentation", "a {\n\tb();\n}\n", "  b();", "  b(1);\n  c();", "a {\n\tb(1);\n\tc();\n}\n"],
  ["unicode", "say(“hi” – it’s\u00a0ok);\n", `say("hi" - it's ok);`, "done();", "done();\n"],
])("a match that differs by %s is found", (rung, source, old, replacement, expected) => {
  const edited = applyEdits(source, [edit(old, replacement)]);
  expect(edited).toMatchObject({ ok: true, text: expected, rungs: [rung] });
});

test("the strictest match wins over looser ones", () => {
  const edited = applyEdits("  x\nx\n", [edit("\nx\n", "\ny\n")]);
  expect(edited).toMatchObject({ ok: true, text: "  x\ny\n", rungs: [] });
});

test("a loose match is ambiguous like an exact one", () => {
  expect(apply("  a \n b\n\ta \n b\n", edit("a\nb", "z"))).toContain("at lines 1, 3");
});

test("blank lines alone never match loosely", () => {
  expect(apply("a\n  \nb\n", edit("\n\n\n", "x"))).toContain("not found");
});

test("a line end of old_string belongs to the match", () => {
  expect(apply("a \nb\n", edit("a\n", ""))).toBe("b\n");
  expect(apply("b\na ", edit("a\n", "c\n"))).toBe("b\nc\n");
});

test("Windows line ends are kept, and used for new lines", () => {
  const source = "a\r\nb\r\nc\r\n";
  expect(apply(source, edit("b\nc", "B\nnew\nC"))).toBe("a\r\nB\r\nnew\r\nC\r\n");
  expect(apply(source, edit("a\r\nb", "x"))).toBe("x\r\nc\r\n");
  expect(apply("a \r\nb\r\n", edit("a\nb", "x\ny"))).toBe("x\r\ny\r\n");
});

test("in a file of both kinds each untouched line end stays", () => {
  expect(apply("a\nb\r\nc\nd\n", edit("c", "x\ny"))).toBe("a\nb\r\nx\ny\nd\n");
});

test("a byte order mark is kept and not part of the first line", () => {
  expect(apply("\uFEFFa\nb\n", edit("a\n", "c\n"))).toBe("\uFEFFc\nb\n");
});

test.each([
  ["an empty old_string", edit("", "x"), "write_file"],
  ["an edit without effect", edit("a", "a"), "the same"],
])("%s is refused", (_, wrong, why) => {
  expect(apply("a\n", wrong)).toContain(why);
});

test("when nothing matches, the nearest places are shown with their numbers", () => {
  const lines = Array.from({ length: 50 }, (_, index) => `const value${index} = ${index};`);
  lines[20] = "function parse(input) {";
  lines[21] = "  return input.trim();";
  const why = apply(lines.join("\n"), edit("function parse(input) {\n  return input;\n}", "x"));
  expect(why).toContain("21\tfunction parse(input) {\n22\t  return input.trim();");
  const byWords = apply(lines.join("\n"), edit("  return input.trim()  .toLowerCase();", "x"));
  expect(byWords).toContain("22\t  return input.trim();");
});

test("a file of 4 MiB is searched at once", () => {
  const source = "some line of code;\n".repeat(220_000);
  expect(apply(`${source}end\n`, edit("end\nof file", "x"))).toContain("not found");
  expect(apply(`${source}end\n`, edit("end", "x"))).toBe(`${source}x\n`);
  expect(apply(`${source}end  \n`, edit("end\n", "x\n"))).toHaveLength(source.length + 2);
});
