import { createHash } from "node:crypto";
import { findProject } from "../../src/check/find-project.ts";
import { runSuite } from "../../src/check/run-suite.ts";
import { Failure } from "../../src/errors.ts";
import type { Sandbox, SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { SPEC } from "../integration/sandbox-fixture.ts";
import type { Tree } from "../upstream/tarballs.ts";
import type { Counts, ReporterCase } from "./reporter-case.ts";

export type ReporterResult = Pick<ReporterCase, "runner" | "project" | "counted" | "differs"> & {
  readonly version: string;
  /** By the runner's own summary. */
  readonly alone?: Counts;
  /** By what Dunlin read. */
  readonly read?: Counts;
  /** Why there is nothing to compare. */
  readonly trouble?: string;
};

const LIMITS = { ...SPEC.limits, memoryMiB: 2048, pids: 512, workspaceMiB: 1024 };
const TIMEOUT_MS = 120_000;
const MOST_BYTES = 32 * 1024 * 1024;
const NONE: Counts = { pass: 0, fail: 0, skip: 0 };

/** Whether both say the same, but for what the case names. */
export function isEqual({ alone, read, differs, trouble }: ReporterResult): boolean {
  if (alone === undefined || read === undefined || trouble !== undefined) return false;
  const by = differs?.by ?? NONE;
  const isSame = (key: keyof Counts) => read[key] === alone[key] + by[key];
  return isSame("pass") && isSame("fail") && isSame("skip") && alone.pass + alone.fail > 0;
}

/** Runs the tests of one project by its runner alone and by Dunlin, each in a fresh sandbox without a network. */
export async function tryCase(
  one: ReporterCase,
  provider: SandboxProvider,
  cache: string,
): Promise<ReporterResult> {
  const { runner, project, counted, differs } = one;
  const { files, layers } = await one.prepare(cache);
  const spec = { ...SPEC, image: one.image, limits: LIMITS, layers };
  const told = {
    runner,
    project,
    ...(counted === undefined ? {} : { counted }),
    ...(differs === undefined ? {} : { differs }),
  };
  await using plain = await provider.create(spec, {});
  const version = /\d+\.\d+[\w.-]*/.exec(await output(plain, one.version))?.[0] ?? "unknown";
  const text = await output(plain, one.alone);
  const alone = one.summary(text);
  if (alone === undefined)
    return { ...told, version, trouble: `No summary in: ${text.slice(-600)}` };
  try {
    await using sandbox = await provider.create(spec, {});
    return { ...told, version, alone, read: await readByDunlin(sandbox, files) };
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "unavailable") throw error;
    return { ...told, version, alone, trouble: error.message };
  }
}

async function output(sandbox: Sandbox, script: string): Promise<string> {
  const { stdout } = await sandbox.exec(["sh", "-c", script], {
    timeoutMs: TIMEOUT_MS,
    maxOutputBytes: MOST_BYTES,
    env: { CI: "true" },
  });
  return new TextDecoder().decode(stdout);
}

async function readByDunlin(sandbox: Sandbox, files: Tree): Promise<Counts> {
  const project = await findProject({
    paths: [...files.keys()],
    readFile: async (path) => {
      const bytes = files.get(path);
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    settings: {},
  });
  const { tests } = await runSuite(sandbox, project, {
    timeoutMs: TIMEOUT_MS,
    createHash: () => createHash("sha256"),
  });
  const count = (status: keyof Counts) => tests.filter((test) => test.status === status).length;
  return { pass: count("pass"), fail: count("fail"), skip: count("skip") };
}
