import { describe, expect, it } from "vitest";
import type { TreeEntry } from "../../../src/workspace/patch.ts";
import { refuseUnsupported } from "../../../src/workspace/unsupported.ts";

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 9\n`;

function check(files: Record<string, string>, modes: Record<string, TreeEntry["mode"]> = {}) {
  const tree = Object.entries(files).map(([path, content]) => ({
    path,
    mode: modes[path] ?? "100644",
    blob: "1".repeat(40),
    bytes: content.length,
  }));
  return refuseUnsupported(tree, async (path) => files[path]);
}

describe("refuseUnsupported", () => {
  it.each([
    ["no attributes", { "a.js": "1", "pointer.psd": POINTER }],
    ["an LFS attribute without such a file", { ".gitattributes": "*.psd filter=lfs -text" }],
    [
      "a real file under an LFS attribute",
      { ".gitattributes": "*.psd filter=lfs", "a.psd": "x".repeat(200) },
    ],
    ["a pointer elsewhere", { "sub/.gitattributes": "*.psd filter=lfs", "a.psd": POINTER }],
    ["a commented attribute", { ".gitattributes": "# *.psd filter=lfs", "a.psd": POINTER }],
    ["another filter", { ".gitattributes": "*.psd filter=lfsx", "a.psd": POINTER }],
    ["an anchored pattern", { ".gitattributes": "/a.psd filter=lfs", "sub/a.psd": POINTER }],
  ] as [string, Record<string, string>][])("accepts %s", async (_what, files) => {
    await check(files);
  });

  it.each([
    ["*.psd filter=lfs diff=lfs merge=lfs -text", "art/a.psd"],
    ["art/** filter=lfs", "art/deep/er/x"],
    ["**/deep/*.bin filter=lfs", "a/b/deep/x.bin"],
    ["/[a-c]?.dat\tfilter=lfs", "b1.dat"],
    ["a+b(c).x filter=lfs", "a+b(c).x"],
  ])("refuses a pointer that %j names", async (attributes, path) => {
    const found = check({ ".gitattributes": attributes, [path]: POINTER });
    await expect(found).rejects.toMatchObject({ kind: "invalid-request", code: "lfs" });
    await expect(found).rejects.toThrow(path);
  });

  it("refuses submodules", async () => {
    const code = { kind: "invalid-request", code: "submodules" };
    await expect(check({ lib: "" }, { lib: "160000" })).rejects.toMatchObject(code);
    await expect(
      check({ ".gitmodules": '[submodule "x"]\n\turl = -u./payload\n' }),
    ).rejects.toMatchObject(code);
  });

  it("shows a hostile path on one line", async () => {
    await expect(check({ "a\nb": "" }, { "a\nb": "160000" })).rejects.toThrow("`a\\u{a}b`");
  });
});
