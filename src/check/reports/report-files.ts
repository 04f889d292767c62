import type { FileWrite } from "../../sandbox/sandbox.ts";
import { argumentsProgram } from "../reporters/arguments.ts";
import { avaProgram } from "../reporters/ava.ts";
import { callerProgram } from "../reporters/caller.ts";
import { clockProgram } from "../reporters/clock.ts";
import { goExecProgram, goProgram } from "../reporters/go.ts";
import { hookProgram } from "../reporters/hook.ts";
import { jestProgram } from "../reporters/jest.ts";
import { launchProgram, nodeShim } from "../reporters/launch.ts";
import { lockProgram } from "../reporters/lock.ts";
import { mochaProgram } from "../reporters/mocha.ts";
import { nodeTestProgram } from "../reporters/node-test.ts";
import { pytestProgram } from "../reporters/pytest.ts";
import { recordPythonProgram, siteProgram } from "../reporters/python.ts";
import { recordProgram } from "../reporters/record.ts";
import { rustProgram } from "../reporters/rust.ts";
import { shimsOf } from "../reporters/shims.ts";
import { tapeProgram } from "../reporters/tape.ts";
import { unittestProgram } from "../reporters/unittest.ts";
import { uvuProgram } from "../reporters/uvu.ts";
import { vitestProgram } from "../reporters/vitest.ts";

/** Where things are inside the sandbox, as the sandbox itself says. All absolute. */
export type ReportPlace = {
  readonly folder: string;
  /** The real path of the workspace. */
  readonly root: string;
  /** By name, the programs of the image that reporters ride along with, as far as it has them. */
  readonly programs: Readonly<Record<string, string>>;
  /** Random, for the seals of this run's reports. */
  readonly key: string;
};

export type Wanted = {
  /** Relative to the workspace. */
  readonly files?: readonly string[];
  /** The full name of the one test to run. */
  readonly alone?: string;
  readonly clockAheadMs?: number;
};

/** All that a run of the suite needs beside the repository. */
export function reportFiles(place: ReportPlace, wanted: Wanted = {}): readonly FileWrite[] {
  const { folder, root, programs: found, key } = place;
  const { files: only, alone, clockAheadMs } = wanted;
  const target = JSON.stringify({ root, only, alone: alone && patternOf(alone), title: alone });
  const programs: Readonly<Record<string, string>> = {
    "arguments.cjs": argumentsProgram,
    "hook.cjs": hookProgram,
    ...(clockAheadMs !== undefined && { "clock.cjs": clockProgram(clockAheadMs) }),
    "launch.cjs": launchProgram,
    "lock.cjs": lockProgram,
    "record.cjs": recordProgram,
    "caller.cjs": callerProgram,
    "ava.cjs": avaProgram,
    "mocha.cjs": mochaProgram,
    "jest.cjs": jestProgram,
    "vitest.mjs": vitestProgram,
    "node-test.mjs": nodeTestProgram,
    "tape.cjs": tapeProgram,
    "uvu.cjs": uvuProgram,
    "python/sitecustomize.py": siteProgram,
    "python/dunlin_record.py": recordPythonProgram,
    "python/dunlin_pytest.py": pytestProgram,
    "python/dunlin_unittest.py": unittestProgram,
    "go.cjs": goProgram,
    "bin/go-exec": goExecProgram,
    "rust.cjs": rustProgram,
    "target.json": target,
    "reports/none.tap": "",
    key,
    ...(found["node"] === undefined ? {} : { "bin/node": nodeShim(found["node"]) }),
  };
  const encoder = new TextEncoder();
  const files = Object.entries(programs).map(([name, text]) => ({
    path: `${folder}/${name}`,
    data: encoder.encode(text),
    ...(name.startsWith("bin/") ? { mode: 0o755 as const } : {}),
  }));
  return [...files, ...shimsOf(folder, found)];
}

/** Runners join a test's groups by spaces and take a regular expression for it. */
function patternOf(name: string): string {
  const parts = name.split(" > ").map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return `^\\s*${parts.join("(?: >)? ")}$`;
}
