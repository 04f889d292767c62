import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { takeReports } from "../../../../src/check/reports/take-reports.ts";
import { createScriptedSandbox } from "../../../fakes/scripted-sandbox.ts";

/** The script that takes reports, run by a real shell in a real folder. */
describe("JUnit files", () => {
  let workspace = "";
  let folder = "";

  beforeEach(() => {
    const top = mkdtempSync(join(tmpdir(), "dunlin-reports-"));
    onTestFinished(() => rmSync(top, { recursive: true }));
    [workspace, folder] = [join(top, "workspace"), join(top, "check")];
    put(join(folder, "target.json"), 1000);
    put(join(folder, "reports/none.tap"), 1000);
  });

  function put(path: string, atSeconds: number): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.slice(workspace.length + 1));
    utimesSync(path, atSeconds, atSeconds);
  }

  async function take(...globs: string[]) {
    const sandbox = createScriptedSandbox((argv) => {
      const [program = "", ...words] = argv;
      return { out: execFileSync(program, words, { cwd: workspace, encoding: "utf8" }) };
    });
    const { junit, whole } = await takeReports(sandbox, folder, globs);
    return { junit: junit.toSorted(), whole };
  }

  it.each([
    ["out/*.xml", ["out/a.xml", "out/it's b.xml"]],
    ["./out/?.xml", ["out/a.xml"]],
    ["**/a.xml", ["a.xml", "out/a.xml", "out/deep/a.xml"]],
    ["out/**/a.xml", ["out/a.xml", "out/deep/a.xml"]],
    ["out/**", ["out/a.xml", "out/deep/a.xml", "out/it's b.xml"]],
    ["a.xml", ["a.xml"]],
    ["none/*.xml", []],
  ])("at %s", async (glob, expected) => {
    for (const path of ["a.xml", "xa.xml", "out/a.xml", "out/it's b.xml", "out/deep/a.xml"]) {
      put(join(workspace, path), 2000);
    }
    put(join(workspace, "node_modules/a.xml"), 2000);
    expect(await take(glob)).toEqual({ junit: expected, whole: expected.length > 0 });
  });

  it("of several places, and none that lay there before the tests", async () => {
    put(join(workspace, "a.xml"), 2000);
    put(join(workspace, "out/b.xml"), 2000);
    put(join(workspace, "out/old.xml"), 500);
    const taken = await take("a.xml", "out/*.xml");
    expect(taken).toEqual({ junit: ["a.xml", "out/b.xml"], whole: true });
  });

  it("are not asked for where none were told", async () => {
    put(join(workspace, "a.xml"), 2000);
    expect(await take()).toEqual({ junit: [], whole: true });
  });
});
