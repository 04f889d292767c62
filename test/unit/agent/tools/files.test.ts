import { chmod, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createToolbox } from "../../../../src/agent/tools/toolbox.ts";
import { openBench } from "../../../fakes/bench.ts";

const numbers = Array.from({ length: 1_000 }, (_, index) => `line ${index + 1}`).join("\n");

test("a file is read with line numbers and taken as seen", async () => {
  await using bench = await openBench({ "a.js": "one\r\n\ttwo\n" });
  const outcome = await bench.use("read_file", { path: "./a.js" });
  expect(outcome.text).toBe("1\tone\n2\t\ttwo");
  expect(outcome.seen?.map((file) => file.path)).toEqual(["/workspace/a.js"]);
});

test("a long file is read in parts", async () => {
  await using bench = await openBench({ "a.txt": numbers });
  const { text } = await bench.use("read_file", { path: "/workspace/a.txt" });
  expect(text.split("\n")).toHaveLength(401);
  expect(text).toContain("[lines 1 to 400 of 1000; go on with offset 401]");
  const part = await bench.use("read_file", { path: "a.txt", offset: 999, limit: 5 });
  expect(part.text).toBe("999\tline 999\n1000\tline 1000");
  expect((await bench.use("read_file", { path: "a.txt", offset: 2_000 })).text).toContain(
    "only 1000",
  );
});

test("at most 32 KB are shown, and long lines are cut", async () => {
  const wide = `${"x".repeat(400)}\n`.repeat(500);
  await using bench = await openBench({ "wide.txt": wide, "long.js": "y".repeat(2_000_000) });
  const { text } = await bench.use("read_file", { path: "wide.txt", limit: 2_000 });
  expect(text.length).toBeLessThan(33_000);
  expect(text).toMatch(/go on with offset \d+\]$/);
  const long = await bench.use("read_file", { path: "long.js" });
  expect(long.text).toContain("[… line cut, 2000000 characters]");
  expect(long.text.length).toBeLessThan(600);
});

test("a file above 4 MiB is read in parts and isn't taken as seen", async () => {
  await using bench = await openBench({ "big.log": "0123456789\n".repeat(500_000) });
  const outcome = await bench.use("read_file", { path: "big.log", offset: 400_000, limit: 2 });
  expect(outcome.text).toBe(
    "400000\t0123456789\n400001\t0123456789\n[the file is larger than 4 MiB; go on with offset 400002]",
  );
  expect(outcome.seen).toBeUndefined();
});

test.each([
  ["binary.bin", new Uint8Array([1, 0, 2]), "not UTF-8 text (3 bytes)"],
  ["latin.txt", new Uint8Array([0x63, 0xe9]), "not UTF-8 text"],
  ["empty.txt", "", "The file is empty."],
])("%s is described", async (path, content, text) => {
  await using bench = await openBench({ [path]: content });
  expect((await bench.use("read_file", { path })).text).toContain(text);
});

test("a folder is listed", async () => {
  await using bench = await openBench({ "b/x.js": "", "a.js": "", ".dot": "" });
  expect((await bench.use("read_file", { path: "." })).text).toBe(".dot\na.js\nb/");
});

test("a folder of 1,000 files is listed in part", async () => {
  await using bench = await openBench();
  await bench.use("shell", { command: "mkdir many; cd many; seq 1 1000 | xargs touch" });
  const { text } = await bench.use("read_file", { path: "many" });
  expect(text.split("\n")).toHaveLength(301);
});

test("a missing file is answered with the likely ones", async () => {
  await using bench = await openBench({ "src/deep/parse.js": "" });
  await bench.use("shell", { command: "git init -q ." });
  const { text } = await bench.use("read_file", { path: "lib/parse.js" });
  expect(text).toBe("Error: there is no file lib/parse.js. Did you mean one of\nsrc/deep/parse.js");
});

test("edits change the file, keep its mode and show the place", async () => {
  await using bench = await openBench({ "cli.js": "#!/usr/bin/env node\nlet a = 1;\n" });
  const path = join(bench.sandbox.folder, "cli.js");
  await chmod(path, 0o755);
  const edits = [{ old_string: "let a = 1;", new_string: "const a = 2;" }];
  const outcome = await bench.use("edit_file", { path: "cli.js", edits });
  expect(outcome.text).toBe("Edited cli.js.\n1\t#!/usr/bin/env node\n2\tconst a = 2;\n3\t");
  expect(await readFile(path, "utf8")).toBe("#!/usr/bin/env node\nconst a = 2;\n");
  expect((await stat(path)).mode & 0o111).not.toBe(0);
  expect(outcome.reached?.what).toBe("file:/workspace/cli.js");
  expect(outcome.reached?.digest).toBe(outcome.seen?.[0]?.sha);
});

test("an edit that fails leaves the file as it was", async () => {
  await using bench = await openBench({ "a.js": "let a;\n" });
  const edits = [
    { old_string: "let a;", new_string: "let b;" },
    { old_string: "nothing", new_string: "x" },
  ];
  const outcome = await bench.use("edit_file", { path: "a.js", edits });
  expect(outcome.text).toContain("not found");
  expect(outcome.reached).toBeUndefined();
  expect(await readFile(join(bench.sandbox.folder, "a.js"), "utf8")).toBe("let a;\n");
});

test.each([
  ["a.js", "let a = ;", "SyntaxError"],
  ["a.mjs", "export default (", "SyntaxError"],
  ["package.json", "{", "no longer valid JSON"],
])("a %s that no longer parses is said, and kept", async (path, content, warning) => {
  await using bench = await openBench();
  const { text } = await bench.use("write_file", { path, content });
  expect(text).toContain("Warning: ");
  expect(text).toContain(warning);
  expect(await readFile(join(bench.sandbox.folder, path), "utf8")).toBe(content);
});

test.each([
  ["a.js", 'import x from "./x.js";\nexport default x;\n'],
  ["a.cjs", "module.exports = 1;\n"],
  ["a.ts", "let a: number = ;"],
])("%s gives no false alarm", async (path, content) => {
  await using bench = await openBench();
  expect((await bench.use("write_file", { path, content })).text).not.toContain("Warning");
});

test("a new file is written with its folders", async () => {
  await using bench = await openBench();
  const { text } = await bench.use("write_file", { path: "x/y/z.txt", content: "hello\n" });
  expect(text).toContain("Wrote x/y/z.txt");
  expect(await readFile(join(bench.sandbox.folder, "x/y/z.txt"), "utf8")).toBe("hello\n");
});

test("a file that wasn't read, or changed since, isn't overwritten", async () => {
  await using bench = await openBench({ "a.txt": "old\n" });
  const write = () => bench.use("write_file", { path: "a.txt", content: "new\n" });
  expect((await write()).text).toContain("you haven't read it");
  await bench.use("read_file", { path: "a.txt" });
  await bench.use("shell", { command: "echo more >> a.txt" });
  expect((await write()).text).toContain("changed since you read it");
  await bench.use("read_file", { path: "a.txt" });
  expect((await write()).text).toContain("Wrote a.txt");
  expect((await write()).text).toContain("Wrote a.txt");
});

test("what was seen survives a restart by the outcomes alone", async () => {
  await using bench = await openBench({ "a.txt": "old\n" });
  const outcome = await bench.use("read_file", { path: "a.txt" });
  const resumed = createToolbox(bench.parts);
  resumed.remember(JSON.parse(JSON.stringify([outcome])));
  const call = { id: "c", tool: "write_file", input: '{"path":"a.txt","content":"new"}' };
  expect((await resumed.run(call, new AbortController().signal)).text).toContain("Wrote");
});

test.each([
  ["read_file", {}],
  ["edit_file", { edits: [{ old_string: "a", new_string: "b" }] }],
  ["write_file", { content: "x" }],
])("%s stays in the workspace", async (tool, rest) => {
  await using bench = await openBench();
  for (const path of ["../x", "/etc/passwd", "a/../../x", "/workspace/../etc/passwd", "a\0b"]) {
    expect((await bench.use(tool, { path, ...rest })).text).toMatch(/^Error: /);
  }
});

test("a link to nowhere is a missing file", async () => {
  await using bench = await openBench();
  await symlink("/nowhere", join(bench.sandbox.folder, "link"));
  expect((await bench.use("read_file", { path: "link" })).text).toContain("there is no file");
});
