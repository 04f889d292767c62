import { describe, expect, it } from "vitest";
import { readRepositorySettings } from "../../../src/run/repository-settings.ts";

describe("repository settings", () => {
  it("have defaults when the file is absent or empty", () => {
    expect(readRepositorySettings(undefined)).toEqual({ image: "node" });
    expect(readRepositorySettings("# nothing yet\n")).toEqual({ image: "node" });
  });

  it("take the three keys", () => {
    const text = "image: node\ninstall: npm ci\ntest: npm run unit\n";
    expect(readRepositorySettings(text)).toEqual({
      image: "node",
      install: "npm ci",
      test: "npm run unit",
    });
  });

  it.each([
    ["an unknown key", "tset: npm test", "tset"],
    ["a key that would widen limits", "memory: 64g", "memory"],
    ["a path as image", "image: ../host", "image: must be the name"],
    ["a wrong type", "test: [npm, test]", "test: "],
    ["a list", "- test", "expected object"],
    ["broken YAML", "test: [1", "line 1"],
    ["a doubled key", "test: a\ntest: b", "unique"],
    ["aliases", "test: &a x\ninstall: *a", "aliases"],
    ["an endless value", `test: ${"x".repeat(2000)}`, "test: "],
  ])("refuse %s and say where", (_name, text, part) => {
    const read = () => readRepositorySettings(text);
    expect(read).toThrow(expect.objectContaining({ kind: "invalid-request" }));
    expect(read).toThrow(part);
    expect(read).toThrow("Correct it on the default branch");
  });
});
