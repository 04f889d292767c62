import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { GUEST_ARGV } from "../../../../../src/sandbox/providers/docker/image.ts";
import { contentHash } from "../../../../../src/sandbox/providers/docker/image-build.ts";
import {
  contextFiles,
  toJavaScript,
} from "../../../../../src/sandbox/providers/docker/image-context.ts";
import {
  imageNames,
  isImageReference,
  readRecipe,
} from "../../../../../src/sandbox/providers/docker/image-recipe.ts";
import { toolchainFor } from "../../../../../src/sandbox/providers/docker/image-toolchain.ts";

const toolchain = { node: "24.0.0", arch: "x64", layout: 1 };
const jobs = { node: "22.0.0", npm: "11.0.0" };

test("types go, relative imports end in .js, everything else stays", () => {
  const source = `import type { A } from "./a.ts";
import { b, type C } from "../wire/b.ts";
import "./effect.ts";
export { d } from './d.ts';
const e = await import("./e.ts");
const text: string = "not/an/import.ts";
`;
  const result = toJavaScript(source);
  expect(result).not.toContain("type ");
  expect(result).not.toContain(": string");
  for (const path of ["../wire/b.js", "./effect.js", "./d.js", "./e.js"]) {
    expect(result).toContain(path);
  }
  expect(result).toContain('"not/an/import.ts"');
});

test("the context holds the Dockerfile and the guest's program where the image starts it", async () => {
  const paths = (await contextFiles()).map(({ path }) => path);
  expect(paths).toContain("Dockerfile");
  expect(GUEST_ARGV[1]).toBe("/opt/dunlin/sandbox/guest/main.js");
  expect(paths).toContain("guest/guest/main.js");
  expect(paths.some((path) => path.startsWith("guest/wire/"))).toBe(true);
  expect(paths.some((path) => path.endsWith(".ts"))).toBe(false);
});

test("the hash changes with a byte of the guest, a package and the toolchain, and with nothing else", () => {
  const files = [{ path: "guest/main.js", data: "1" }];
  const recipe = { packages: ["golang-go"] };
  const hash = contentHash(files, recipe, toolchain);
  const again = contentHash(
    [{ path: "guest/main.js", data: "1" }],
    { ...recipe },
    { ...toolchain },
  );
  expect(again).toBe(hash);
  expect(contentHash([{ path: "guest/main.js", data: "2" }], recipe, toolchain)).not.toBe(hash);
  expect(contentHash(files, { packages: ["rustc"] }, toolchain)).not.toBe(hash);
  expect(contentHash(files, recipe, { ...toolchain, jobs })).not.toBe(hash);
});

test("each folder has a recipe and says in its README what it promises", async () => {
  const names = await imageNames();
  expect(names).toEqual(["go", "java", "node", "node-20", "node-22", "plain", "python", "rust"]);
  for (const name of names) {
    expect((await readRecipe(name)).packages).toBeInstanceOf(Array);
    const readme = await readFile(`sandbox-images/${name}/README.md`, "utf8");
    expect(readme).toMatch(new RegExp(`^# ${name}\n`));
  }
});

test("jobs of the image called node have the very Node that the guest has, so it is there once", async () => {
  const { node, jobs } = toolchainFor("amd64", (await readRecipe("node")).node);
  expect(jobs?.node).toBe(node);
});

test.each(["no-such-image", "../src", "Node", ""])("image name %o is refused", async (name) => {
  await expect(readRecipe(name)).rejects.toMatchObject({
    kind: "invalid-request",
    code: "no-such-image",
  });
});

test.each([
  ["debian:12", true],
  ["registry.example.com:5000/team/image:v1.2", true],
  [`debian@sha256:${"a".repeat(64)}`, true],
  ["debian", false],
  ["localhost:5000/debian", false],
  ["../src:12", false],
  ["debian:", false],
  ["debian:12 --privileged", false],
])("%o is a reference with a version: %s", (text, expected) => {
  expect(isImageReference(text)).toBe(expected);
});
