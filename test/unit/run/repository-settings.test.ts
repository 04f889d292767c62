import { describe, expect, it } from "vitest";
import { readRepositorySettings } from "../../../src/run/repository-settings.ts";

const IMAGES = ["node", "python", "debian:12"];

describe("repository settings", () => {
  it("have defaults when the file is absent or empty", () => {
    expect(readRepositorySettings(undefined, IMAGES)).toEqual({ image: "node" });
    expect(readRepositorySettings("# nothing yet\n", IMAGES)).toEqual({ image: "node" });
  });

  it("take the three keys", () => {
    const text = "image: node\ninstall: npm ci\ntest: npm run unit\n";
    expect(readRepositorySettings(text, IMAGES)).toEqual({
      image: "node",
      install: "npm ci",
      test: "npm run unit",
    });
  });

  it.each([
    ["reports: build/*.xml", ["build/*.xml"]],
    ["reports: ['**/junit.xml', ./out/a.xml]", ["**/junit.xml", "./out/a.xml"]],
  ])("take places of reports: %s", (text, reports) => {
    expect(readRepositorySettings(text, IMAGES)).toEqual({ image: "node", reports });
  });

  it.each([
    "/etc/passwd",
    "a/../../b.xml",
    "..",
    "~/a.xml",
    "'a\\b.xml'",
    "'**/a/**/b.xml'",
    "[]",
    "[1]",
    `[${"a,".repeat(21)}]`,
    "{ a: 1 }",
  ])("refuse reports at %s", (place) => {
    expect(() => readRepositorySettings(`reports: ${place}`, IMAGES)).toThrow(/: reports[:.]/);
  });

  it.each([
    ["python", "image: python"],
    ["debian:12", "image: debian:12"],
  ])("take %s, which the operator allows", (image, text) => {
    expect(readRepositorySettings(text, IMAGES)).toEqual({ image });
  });

  it("have the operator's first image for a repository that names none", () => {
    expect(readRepositorySettings("test: make", ["go", "node"]).image).toBe("go");
  });

  it.each([
    ["an unknown key", "tset: npm test", "tset"],
    ["a key that would widen limits", "memory: 64g", "memory"],
    [
      "an image that the operator doesn't allow",
      "image: debian:11",
      "image: must be one of node, python, debian:12",
    ],
    ["no image at all", "image: [node]", "image: must be a text"],
    ["a wrong type", "test: [npm, test]", "test: "],
    ["a list", "- test", "expected object"],
    ["broken YAML", "test: [1", "line 1"],
    ["a doubled key", "test: a\ntest: b", "unique"],
    ["aliases", "test: &a x\ninstall: *a", "aliases"],
    ["an endless value", `test: ${"x".repeat(2000)}`, "test: "],
  ])("refuse %s and say where", (_name, text, part) => {
    const read = () => readRepositorySettings(text, IMAGES);
    expect(read).toThrow(expect.objectContaining({ kind: "invalid-request" }));
    expect(read).toThrow(part);
    expect(read).toThrow("Correct it on the default branch");
  });
});
