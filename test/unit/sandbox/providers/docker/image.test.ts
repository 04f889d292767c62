import { expect, test } from "vitest";
import { contentHash, GUEST_ARGV } from "../../../../../src/sandbox/providers/docker/image.ts";
import {
  contextFiles,
  toJavaScript,
} from "../../../../../src/sandbox/providers/docker/image-context.ts";

const toolchain = { node: "24.0.0", npm: "11.0.0", arch: "x64", layout: 1 };

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
  const paths = (await contextFiles("node")).map(({ path }) => path);
  expect(paths).toContain("Dockerfile");
  expect(GUEST_ARGV[1]).toBe("/opt/dunlin/sandbox/guest/main.js");
  expect(paths).toContain("guest/guest/main.js");
  expect(paths.some((path) => path.startsWith("guest/wire/"))).toBe(true);
  expect(paths.some((path) => path.endsWith(".ts"))).toBe(false);
});

test("the hash changes with a byte of the guest and with the toolchain, and with nothing else", () => {
  const files = [{ path: "guest/main.js", data: "1" }];
  const hash = contentHash(files, toolchain);
  expect(contentHash([{ path: "guest/main.js", data: "1" }], { ...toolchain })).toBe(hash);
  expect(contentHash([{ path: "guest/main.js", data: "2" }], toolchain)).not.toBe(hash);
  expect(contentHash(files, { ...toolchain, npm: "11.0.1" })).not.toBe(hash);
});

test.each(["no-such-image", "../src", "Node", ""])("image name %o is refused", async (name) => {
  await expect(contextFiles(name)).rejects.toMatchObject({
    kind: "invalid-request",
    code: "no-such-image",
  });
});
