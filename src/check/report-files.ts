import type { FileWrite } from "../sandbox/sandbox.ts";
import { argumentsProgram } from "./reporters/arguments.ts";
import { hookProgram } from "./reporters/hook.ts";
import { jestProgram } from "./reporters/jest.ts";
import { launchProgram, nodeShim } from "./reporters/launch.ts";
import { lockProgram } from "./reporters/lock.ts";
import { mochaProgram } from "./reporters/mocha.ts";
import { nodeTestProgram } from "./reporters/node-test.ts";
import { recordProgram } from "./reporters/record.ts";
import { tapeProgram } from "./reporters/tape.ts";
import { vitestProgram } from "./reporters/vitest.ts";

/** Where things are inside the sandbox, as the sandbox itself says. All absolute. */
export type ReportPlace = {
  readonly folder: string;
  /** The real path of the workspace. */
  readonly root: string;
  /** The image's own Node. */
  readonly node: string;
};

/** All that a run of the suite needs beside the repository. `only` names files relative to the workspace. */
export function reportFiles(place: ReportPlace, only?: readonly string[]): readonly FileWrite[] {
  const { folder, root, node } = place;
  const target = JSON.stringify(only === undefined ? { root } : { root, only });
  const programs: Readonly<Record<string, string>> = {
    "arguments.cjs": argumentsProgram,
    "hook.cjs": hookProgram,
    "launch.cjs": launchProgram,
    "lock.cjs": lockProgram,
    "record.cjs": recordProgram,
    "mocha.cjs": mochaProgram,
    "jest.cjs": jestProgram,
    "vitest.mjs": vitestProgram,
    "node-test.mjs": nodeTestProgram,
    "tape.cjs": tapeProgram,
    "target.json": target,
    "reports/none.ndjson": "",
  };
  const encoder = new TextEncoder();
  const shim: FileWrite = {
    path: `${folder}/bin/node`,
    data: encoder.encode(nodeShim(node)),
    mode: 0o755,
  };
  const files = Object.entries(programs).map(([name, text]) => ({
    path: `${folder}/${name}`,
    data: encoder.encode(text),
  }));
  return [...files, shim];
}
