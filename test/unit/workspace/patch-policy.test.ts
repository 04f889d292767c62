import { describe, expect, it } from "vitest";
import type { FileChange, TreeEntry } from "../../../src/workspace/patch.ts";
import { PATCH_LIMITS } from "../../../src/workspace/patch.ts";
import { checkPatch } from "../../../src/workspace/patch-policy.ts";

const BASE_SHA = "1".repeat(40);
const file = (path: string, mode: TreeEntry["mode"] = "100644"): TreeEntry => ({
  path,
  mode,
  blob: "2".repeat(40),
  bytes: 3,
});
const write = (path: string, data = "new\n", mode = "100644"): FileChange => ({
  path,
  kind: "write",
  mode: mode as "100644",
  data: new TextEncoder().encode(data),
});
const remove = (path: string): FileChange => ({ path, kind: "delete" });
const BASE = [file("README.md"), file("lib/a.js"), file("lib/deep/b.js"), file("docs", "120000")];

function reasons(...changes: FileChange[]): string[] {
  const decision = checkPatch({ baseSha: BASE_SHA, changes }, BASE);
  return decision.ok ? [] : decision.problems.map(({ path, reason }) => `${path} ${reason}`);
}

describe("paths that a patch may hold", () => {
  it.each([
    "index.js",
    "lib/new file.js",
    "test/ünïcode-日本語.js",
    "a/.gitkeep",
    ".gitignore",
    "src/.github.md",
    "src/-components/x.ts",
    "control.js",
    "com10.txt",
    "git/x",
    "x.git/y",
    "a~1",
    "a..b/c...d",
    "😀.txt",
  ])("accepts %j", (path) => {
    expect(reasons(write(path))).toEqual([]);
  });
});

describe("paths that a patch may not hold", () => {
  it.each([
    [".git/config", "git's own folder"],
    [".git", "git's own folder"],
    ["lib/.git/hooks/pre-commit", "git's own folder"],
    [".GIT/x", "git's own folder"],
    [".Git/x", "git's own folder"],
    ["git~1/config", "git's own folder"],
    ["GIT~2", "git's own folder"],
    ["gi7eba~1", "git's own folder"],
    [".git::$INDEX_ALLOCATION/config", "git's own folder"],
    [".git /config", "git's own folder"],
    [".git./config", "git's own folder"],
    [".git . /config", "git's own folder"],
    [".g\u200cit/config", "an invisible character"],
    [".gi\ufefft/config", "an invisible character"],
    ["a\u202egnp.js", "an invisible character"],
    ["..\\x", "a backslash"],
    [".git\\config", "a backslash"],
    ["a//b", "an empty name"],
    ["a/", "an empty name"],
    ["a/../b", "the name .."],
    ["../b", "the name .."],
    ["./b", "the name ."],
    ["/etc/passwd", "is absolute"],
    ["-rf", "starts with a dash"],
    ["--upload-pack=x/y", "starts with a dash"],
    ["a\nb", "a control character"],
    ["a\u001b[31mb", "a control character"],
    ["a\u0000b", "a control character"],
    ["a\u0085b", "a control character"],
    ["lib/x.", "ends in a dot or a space"],
    ["lib /x", "ends in a dot or a space"],
    ["CON", "keeps for a device"],
    ["lib/aux.js", "keeps for a device"],
    ["com¹.txt", "keeps for a device"],
    ["LPT9", "keeps for a device"],
    ["file.txt:stream", "a colon"],
    ["\ud800", "not valid Unicode"],
    ["", "is empty"],
    ["n".repeat(256), "longer than 255"],
    [`${"d/".repeat(600)}x`, "longer than 1024"],
    ["packages/a/Package.json", "looks like a package manifest"],
    ["YARN.lock", "looks like a package manifest or a lock file"],
    [".npmrc", "configures a package manager"],
    ["sub/.yarnrc.yml", "configures a package manager"],
    ["pnpm-workspace.yaml", "configures a package manager"],
    ["node_modules/.bin/node", "installed code"],
    ["test/node_modules/tape/index.js", "installed code"],
    [".github/workflows/ci.yml", "continuous integration"],
    [".GitHub/Workflows/ci.yml", "continuous integration"],
    [".github/actions/x/action.yml", "continuous integration"],
    [".circleci/config.yml", "continuous integration"],
    [".gitmodules", "configures git"],
    ["sub/.gitattributes", "configures git"],
    [".lfsconfig", "configures git"],
  ])("refuses %j", (path, reason) => {
    const found = reasons(write(path));
    expect(found.join("\n")).toContain(reason);
    expect(found.join("")).toMatch(/^[^\p{C}]*$/u);
  });

  it("refuses to delete a protected file too", () => {
    const decision = checkPatch({ baseSha: BASE_SHA, changes: [remove(".npmrc")] }, [
      file(".npmrc"),
    ]);
    expect(decision.ok).toBe(false);
  });
});

describe("modes and links", () => {
  it.each([
    ["100644", true],
    ["100755", true],
    ["160000", false],
    ["040000", false],
    ["104755", false],
  ])("mode %s", (mode, ok) => {
    expect(reasons(write("x", "y", mode)).length === 0).toBe(ok);
  });

  it.each([
    ["link", "lib/a.js"],
    ["lib/link", "../README.md"],
    ["lib/link", "./a.js"],
    ["lib/link", ".."],
    ["lib/link", "../lib/"],
    ["link", "not-there"],
  ])("accepts a link %s -> %s", (path, target) => {
    expect(reasons(write(path, target, "120000"))).toEqual([]);
  });

  it.each([
    ["link", "/etc/passwd"],
    ["link", "../x"],
    ["lib/link", "../../x"],
    ["link", "lib/../../x"],
    ["link", "docs/../../x"],
    ["link", ".git/config"],
    ["lib/link", "../.GIT/hooks"],
    ["link", "a\\b"],
    ["link", "a\nb"],
    ["link", ""],
    ["link", "C:/x"],
  ])("refuses a link %s -> %j", (path, target) => {
    expect(reasons(write(path, target, "120000"))).not.toEqual([]);
  });

  it("refuses a link whose target is not text", () => {
    const data = new Uint8Array([0xff, 0xfe]);
    expect(reasons({ path: "link", kind: "write", mode: "120000", data })).toHaveLength(1);
  });
});

describe("paths in company", () => {
  it.each([
    ["a pair that differs by case", [write("New.js"), write("new.js")]],
    ["a folder that differs by case", [write("LIB/c.js")]],
    ["a file that differs by case from one of the base", [write("readme.md")]],
    ["two Unicode spellings of one name", [write("caf\u00e9"), write("cafe\u0301")]],
    ["the same path twice", [write("x"), write("x")]],
    ["a file below a link of the base", [write("docs/x.md")]],
    ["a file below a new file", [write("x"), write("x/y")]],
    ["a file in the place of a folder", [write("lib", "x")]],
    ["a deletion of what isn't there", [remove("nothing.js")]],
  ])("refuses %s", (_what, changes) => {
    expect(reasons(...changes)).not.toEqual([]);
  });

  it.each([
    ["a rename by case", [remove("README.md"), write("Readme.md")]],
    ["a folder in the place of a link", [remove("docs"), write("docs/x.md")]],
    [
      "a file in the place of a folder",
      [remove("lib/a.js"), remove("lib/deep/b.js"), write("lib")],
    ],
  ])("accepts %s", (_what, changes) => {
    expect(reasons(...changes)).toEqual([]);
  });
});

describe("size", () => {
  it("refuses an empty patch", () => {
    expect(reasons()).toEqual([" The patch changes nothing."]);
  });

  it("refuses too many files, too large a file, too many bytes", () => {
    const many = Array.from({ length: PATCH_LIMITS.files + 1 }, (_, index) => write(`f${index}`));
    expect(reasons(...many).join()).toContain(`${PATCH_LIMITS.files} are allowed`);
    const large = new Uint8Array(PATCH_LIMITS.fileBytes + 1);
    expect(reasons({ path: "x", kind: "write", mode: "100644", data: large }).join()).toContain(
      "is larger than",
    );
    const data = new Uint8Array(PATCH_LIMITS.fileBytes);
    const all = ["a", "b", "c", "d", "e"].map(
      (path): FileChange => ({ path, kind: "write", mode: "100644", data }),
    );
    expect(reasons(...all).join()).toContain(`${PATCH_LIMITS.bytes} are allowed`);
  });

  it("shows a hostile path on one line and bounded", () => {
    const [problem = ""] = reasons(write(`\n\u001b]8;;x\u0007${"y".repeat(5000)}`));
    expect(problem.startsWith("`\\u{a}\\u{1b}]8;;x\\u{7}yyy")).toBe(true);
    expect(problem.length).toBeLessThan(400);
  });
});
