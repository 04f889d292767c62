import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeEachRuntime } from "./sandbox-fixture.ts";

const READER = join(import.meta.dirname, "flood-reader.ts");

/** What a flood comes to, which is said in words that tell what to do about it. */
const FLOODS = {
  log: "exit, 1000000000 bytes",
  files: "limit-reached/too-many-files",
  sparse: "limit-reached/file-too-large",
  farm: "limit-reached/too-many-files",
  newlines: "limit-reached/too-many-files",
  "not-utf-8": "invalid-request/path-not-utf8",
};

describeEachRuntime("a flood", (runtime) => {
  // A process of its own for each, as one that has grown already grows no more.
  test.each(Object.entries(FLOODS))(
    "of the kind %s ends as %s, in less than 64 MB",
    async (flood, ended) => {
      const { stdout } = await promisify(execFile)(process.execPath, [READER, runtime, flood]);
      const seen: { readonly ended: string; readonly grownMiB: number } = JSON.parse(stdout);
      expect(seen.ended).toBe(ended);
      expect(seen.grownMiB * 1024 ** 2).toBeLessThan(64e6);
    },
  );
});
