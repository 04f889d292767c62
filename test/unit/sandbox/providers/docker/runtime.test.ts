import Docker from "dockerode";
import { expect, test } from "vitest";
import {
  probeRuntimes,
  type RuntimeChoice,
  type RuntimeOptions,
} from "../../../../../src/sandbox/providers/docker/runtime.ts";

/** An engine that only tells about itself. */
function engine(runtimes: readonly string[], security: readonly string[]): Docker {
  const docker = new Docker({ socketPath: "/nowhere" });
  const info = { Runtimes: Object.fromEntries(runtimes.map((name) => [name, {}])) };
  docker.info = async () => ({ ...info, SecurityOptions: security });
  return docker;
}

async function probe(docker: Docker, options: RuntimeOptions, broken: readonly string[] = []) {
  const tried: RuntimeChoice[] = [];
  const { report, choice } = await probeRuntimes(docker, options, async (candidate) => {
    tried.push(candidate);
    return broken.includes(candidate.runtime) ? "reading files failed" : undefined;
  });
  return { report, choice, tried: tried.map(({ runtime }) => runtime) };
}

const USERNS = ["name=seccomp,profile=default", "name=userns"];
const strict = { weakAllowed: false };

test("gVisor comes first, and what works is used", async () => {
  const { report, tried } = await probe(engine(["runc", "runsc"], USERNS), strict);
  expect(tried).toEqual(["runsc"]);
  expect(report).toMatchObject({ ok: true, runtime: "runsc", weak: false });
});

test("a broken gVisor gives way to user namespaces, and is named", async () => {
  const { report } = await probe(engine(["runc", "runsc"], USERNS), strict, ["runsc"]);
  expect(report).toMatchObject({ ok: true, runtime: "runc", weak: false });
  expect(report.findings).toEqual([
    "runsc with a user namespace: reading files failed",
    "runc with a user namespace: works",
  ]);
});

test("plain runc is not even tried unless the operator allows it, and counts as weak", async () => {
  const plain = engine(["runc"], ["name=seccomp,profile=default"]);
  const refused = await probe(plain, strict);
  expect(refused).toMatchObject({ tried: [], report: { ok: false, runtime: "" } });
  expect(refused.choice).toBeUndefined();
  expect(refused.report.findings.join()).toContain("DUNLIN_WEAK_SANDBOX=1");
  const allowed = await probe(plain, { weakAllowed: true });
  expect(allowed.report).toMatchObject({ ok: true, runtime: "runc", weak: true });
});

test("a runtime that was asked for is the only one tried", async () => {
  const docker = engine(["runc", "runsc"], USERNS);
  expect((await probe(docker, { ...strict, runtime: "runc" })).tried).toEqual(["runc"]);
  const broken = await probe(docker, { ...strict, runtime: "runsc" }, ["runsc"]);
  expect(broken).toMatchObject({ tried: ["runsc"], report: { ok: false } });
});
