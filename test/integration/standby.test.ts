import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { containerOptions } from "../../src/sandbox/providers/docker/container-options.ts";
import { demultiplex } from "../../src/sandbox/providers/docker/demultiplex.ts";
import { ensureImage, GUEST_ARGV } from "../../src/sandbox/providers/docker/image.ts";
import { describeEachRuntime, docker, SPEC } from "./sandbox-fixture.ts";

type Asked = { readonly argv: readonly string[] } & Readonly<Record<string, unknown>>;
type Case = {
  readonly asked: Asked;
  readonly input?: string;
  /** Of one more argument, which is too long to come here by a command line. */
  readonly lastBytes?: number;
};
type Result = {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly report: Readonly<Record<string, unknown>>;
  readonly out: string;
  readonly err: string;
};

const sh = (script: string, more: object = {}): Asked => ({ argv: ["sh", "-c", script], ...more });
const PATH = "/usr/local/bin:/usr/bin:/bin";

/** Families of which there is always one, and never the same for long. They hold the output. */
const FORK_ALL_THE_TIME =
  "for (1 .. 20) { next if fork; while (1) { exit 0 if fork } } sleep 1; exit 0";

/** Nobody waits for it, one does, one is only just being started. */
const WAYS = [false, true, "soon"] as const;

/** Each must come to the same in all ways. */
const CASES: Readonly<Record<string, Case>> = {
  "arguments of any kind": {
    asked: {
      argv: ["/usr/bin/printf", "[%s]", "", "a b", "'$(id)", "line\nbreak", "ü", "\\0", "="],
    },
  },
  "exactly the given environment": {
    asked: {
      argv: ["/usr/bin/env"],
      env: { A: "", B: "x=y", "odd.name-1": "z\n!", LC_ALL: "xx_XX" },
    },
  },
  "a program on the given PATH": { asked: { argv: ["id", "-u"], env: { PATH } } },
  "the job's user, groups and rights": {
    asked: sh("id; grep -E '^(Cap|NoNewPrivs|Groups)' /proc/self/status"),
  },
  "its folder": { asked: { argv: ["/bin/pwd"], cwd: "/usr/lib" } },
  "a session of its own": { asked: sh('[ "$(cut -d " " -f 6 /proc/$$/stat)" = $$ ]') },
  "a folder closed to all others": { asked: sh("pwd; ls", { cwd: "/tmp/closed" }) },
  "a folder that isn't there": { asked: { argv: ["/bin/true"], cwd: "/nowhere" } },
  "a file for a folder": { asked: { argv: ["/bin/true"], cwd: "/etc/passwd" } },
  "a program that is missing": { asked: { argv: ["/bin/nothing"] } },
  "a program that is on no PATH": { asked: { argv: ["nothing"], env: { PATH } } },
  "a file that is no program": { asked: { argv: ["/etc/passwd"] } },
  "a folder for a program": { asked: { argv: ["/etc"] } },
  "an exit code": { asked: sh("exit 41") },
  "a signal of its own": { asked: sh("kill -SEGV $$") },
  "its time being over": { asked: { argv: ["/bin/sleep", "600"], timeoutMs: 300 } },
  "no input": { asked: { argv: ["/bin/cat"] } },
  input: { asked: { argv: ["/bin/cat"], stdin: true }, input: "some\0bytes ü" },
  "input that isn't read": { asked: { argv: ["/bin/true"], stdin: true }, input: "unread" },
  "both outputs, by name as well": {
    asked: sh("echo 1 >/dev/stdout; echo 2 >/dev/stderr; echo 3; echo 4 >&2"),
  },
  "no descriptor beyond those": { asked: { argv: ["/bin/ls", "/proc/self/fd"] } },
  "the signals as they are by default": { asked: sh("grep -E '^Sig(Ign|Blk)' /proc/self/status") },
  "no limit changed": { asked: sh("ulimit -a") },
  "what outlives it": { asked: sh("setsid sleep 600 & sleep 600 & exit 3") },
  "an argument too long": { asked: { argv: ["/bin/echo"] }, lastBytes: 200_000 },
};

const INSIDE = new URL("standby-inside.ts", import.meta.url);

/** In a container that is made as those of sandboxes are, with a program of the test's in the guest's place. */
async function runInside(runtime: string, cases: readonly object[]): Promise<readonly Result[]> {
  const { digest } = await ensureImage(docker, "node");
  const options = containerOptions(SPEC, digest, { runtime, isGvisor: runtime === "runsc" });
  const [node = ""] = GUEST_ARGV;
  const source = await readFile(INSIDE, "utf8");
  const container = await docker.createContainer({
    ...options,
    Entrypoint: [node, "--input-type=module-typescript", "-e", source, JSON.stringify(cases)],
  });
  try {
    const attached = await container.attach({ stream: true, stdout: true, stderr: true });
    const said = { stdin: "", stdout: "", stderr: "" };
    const read = async () => {
      const decoder = new TextDecoder();
      for await (const { kind, data } of demultiplex(attached as unknown as Readable)) {
        said[kind] += decoder.decode(data, { stream: true });
      }
    };
    const reading = read();
    await container.start();
    await container.wait();
    await reading;
    expect(said.stderr).toBe("");
    return JSON.parse(said.stdout);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

describeEachRuntime("a process that waits for its command", (runtime) => {
  let results: readonly Result[];
  const names = Object.keys(CASES);
  const at = (name: string) => {
    const [fresh, waited, starting] = results.slice(WAYS.length * names.indexOf(name));
    return { fresh, waited, starting };
  };

  beforeAll(async () => {
    results = await runInside(
      runtime,
      names.flatMap((name) => WAYS.map((waits) => ({ ...CASES[name], waits }))),
    );
  });

  it.each(names)("knows %s", (name) => {
    const { fresh, waited, starting } = at(name);
    const same = { report: fresh?.report, out: fresh?.out, err: fresh?.err };
    expect(waited).toMatchObject(same);
    expect(starting).toMatchObject(same);
  });

  it("does what is asked of it", () => {
    const ended = (name: string) => at(name).waited?.report;
    expect(ended("a session of its own")).toMatchObject({ end: "exit", exitCode: 0 });
    expect(ended("its time being over")).toMatchObject({ end: "timeout" });
    expect(ended("a program that is missing")).toMatchObject({ exitCode: 127 });
    expect(ended("a file that is no program")).toMatchObject({ exitCode: 126 });
    expect(ended("a folder that isn't there")).toMatchObject({ reason: "no-such-folder" });
    expect(ended("an argument too long")).toMatchObject({ reason: "argument-too-long" });
    expect(at("a folder closed to all others").waited?.out).toBe("/tmp/closed\n");
  });

  it("is the only one there, and gone with its command", () => {
    for (const name of names) {
      const { fresh, waited, starting } = at(name);
      expect(fresh?.before, name).toEqual([]);
      expect(waited?.before, name).toHaveLength(1);
      expect(starting?.before, name).toHaveLength(1);
      for (const one of [fresh, waited, starting]) expect(one?.after, name).toEqual([]);
    }
  });
});

describe("a process that waits", () => {
  it("never waits beside a command", async () => {
    const asked = sh("read line; cat /proc/[0-9]*/comm", { stdin: true });
    const [only] = await runInside("runc", [
      { asked, input: "go on\n", waits: true, asksMeanwhile: true },
    ]);
    const names = only?.out.trim().split("\n") ?? [];
    expect(names).toContain("sh");
    expect(names).not.toContain("perl");
  });
});

describeEachRuntime("a command that forks all the time", (runtime) => {
  it("leaves nobody behind", async () => {
    const asked = { argv: ["/usr/bin/perl", "-e", FORK_ALL_THE_TIME] };
    const cases = [false, true, false].map((waits) => ({ asked, waits }));
    for (const { report, after } of await runInside(runtime, cases)) {
      expect(report).toMatchObject({ end: "exit", exitCode: 0 });
      expect(after).toEqual([]);
    }
  });
});

describeEachRuntime("one that dies while it waits", (runtime) => {
  it("keeps no command waiting", async () => {
    const asked = { argv: ["/bin/true"] };
    const dies = (_: unknown, index: number) => ({
      asked,
      waits: true,
      diesTurnsBefore: index % 8,
    });
    const ends = await runInside(runtime, Array.from({ length: 60 }, dies));
    for (const { report, after } of ends) {
      expect(["exit", "signal"]).toContain(report["end"]);
      expect(after).toEqual([]);
    }
  });
});

describe("a command", () => {
  it("becomes of the process that waits, and of no other", async () => {
    const asked = { argv: ["/bin/sh", "-c", "echo $$"] };
    const [waited, fresh] = await runInside("runc", [
      { asked, waits: true },
      { asked, waits: false },
    ]);
    expect(waited?.before).toEqual([waited?.out.trim()]);
    expect(fresh?.before).toEqual([]);
    expect(fresh?.report).toMatchObject({ exitCode: 0 });
  });
});
