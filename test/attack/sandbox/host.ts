import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { CanaryScanner, makeCanary } from "../canaries.ts";
import { openSink } from "../sink.ts";
import { startBait } from "./bait.ts";
import { readSettings } from "./host-settings.ts";

const YEARS_AGO = new Date("2020-01-01T00:00:00Z");

/** The attacked machine: what lies on it to be found, and what shows that it was. */
export type Host = AsyncDisposable & {
  readonly scanner: CanaryScanner;
  readonly facts: { readonly name: string; readonly bootParameters: string };
  /** For every program. */
  readonly env: Readonly<Record<string, string>>;
  /** For the program in the other sandbox only. */
  readonly neighbourEnv: Readonly<Record<string, string>>;
  /** What happened to the host since it was asked last: each is a breach. */
  breaches(): Promise<readonly Breach[]>;
};

export type Breach = { readonly outcome: "ESCAPED" | "LEAKED"; readonly note: string };

export async function openHost(): Promise<Host> {
  const sink = await openSink();
  const canaries = ["home file", "temporary file", "own environment", "bait", "other sandbox"].map(
    (name) => makeCanary(name),
  );
  const [home, temporary, own, baited, other] = canaries.map(({ value }) => value);
  const folders = [
    await mkdtemp(join(homedir(), ".attacked-")),
    await mkdtemp(join(tmpdir(), "attacked-")),
  ];
  // Also when a person stops the suite.
  const removeFolders = () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", removeFolders);
  const files = await plant(folders, [home, temporary]);
  const mark = join(folders[1] ?? tmpdir(), "mark");
  process.env["ATTACKED_SECRET"] = own;
  const bait = await startBait({ secret: `${baited}`, name: `attacked-${randomUUID()}` });
  const before = new Map<string, string>();
  for (const file of files) before.set(file, await traceOf(file));
  let settings = await readSettings();
  let arrived = 0;

  return {
    scanner: new CanaryScanner(canaries),
    facts: {
      name: hostname(),
      bootParameters: (await readFile("/proc/cmdline", "latin1")).trim(),
    },
    env: {
      ATTACK_FILES: files.join(":"),
      ATTACK_FILE: files[0] ?? "",
      ATTACK_MARK: mark,
      ATTACK_HOST_PID: `${bait.pid}`,
      ATTACK_ABSTRACT: bait.abstractName,
      ATTACK_ADDRESSES: sink.address.addresses.join(","),
      ATTACK_PORT: `${sink.address.tcp}`,
      ATTACK_UDP: `${sink.address.udp}`,
    },
    neighbourEnv: { ATTACK_SECRET: `${other}` },
    async breaches() {
      const found: Breach[] = [];
      const escaped = [...sink.received.slice(arrived), ...bait.events.splice(0)];
      arrived = sink.received.length;
      for (const file of files) {
        const trace = await traceOf(file);
        const [changed, read] = compare(before.get(file) ?? "", trace);
        if (changed) escaped.push(`${file} was changed`);
        if (read) found.push({ outcome: "LEAKED", note: `${file} was read` });
        before.set(file, trace);
      }
      if (existsSync(mark)) escaped.push(`${mark} was made`);
      await rm(mark, { force: true });
      const now = await readSettings();
      escaped.push(...now.differences(settings));
      settings = now;
      return [...found, ...escaped.map((note) => ({ outcome: "ESCAPED" as const, note }))];
    },
    async [Symbol.asyncDispose]() {
      delete process.env["ATTACKED_SECRET"];
      await bait[Symbol.asyncDispose]();
      await sink[Symbol.asyncDispose]();
      process.off("exit", removeFolders);
      removeFolders();
    },
  };
}

async function plant(folders: readonly string[], values: readonly (string | undefined)[]) {
  const files: string[] = [];
  for (const [at, folder] of folders.entries()) {
    const file = join(folder, "secret");
    await writeFile(file, `CANARY ${values[at]}\n`, { mode: 0o644 });
    files.push(file);
  }
  return files;
}

/** When it was read, and what shows a change. The first reading moves a time that lies before the last change. */
async function traceOf(file: string): Promise<string> {
  const { atimeMs, mtimeMs, size, mode, uid, nlink } = await stat(file);
  if (atimeMs !== YEARS_AGO.getTime()) await utimes(file, YEARS_AGO, new Date(mtimeMs));
  return `${atimeMs} ${[Math.floor(mtimeMs), size, mode, uid, nlink].join(",")}`;
}

function compare(before: string, now: string): readonly [changed: boolean, read: boolean] {
  const [, was] = before.split(" ");
  const [atime, is] = now.split(" ");
  return [was !== is, Number(atime) !== YEARS_AGO.getTime()];
}
