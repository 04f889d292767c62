import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import Docker from "dockerode";
import { Failure } from "../src/errors.ts";
import {
  answeringSocket,
  dockerOptions,
  OWN_SOCKET,
  trySocket,
  usualSockets,
} from "../src/sandbox/providers/docker/engine-socket.ts";
import { type MachineFacts, NEEDED, planEngine } from "./engine-plan.ts";
import { startOwnEngine } from "./own-engine.ts";
import { isInstalled, run } from "./run.ts";

type Say = (step: string) => void;

/** An engine that answers: one that is there, else one of Dunlin's own. Returns how to reach it. */
export async function ensureEngine(
  env: NodeJS.ProcessEnv,
  data: string,
  say: Say,
): Promise<{ readonly docker: Docker; readonly address: string }> {
  const plan = planEngine(await lookAround(env));
  if (plan.do === "tell") throw new Failure("invalid-request", "no-engine", plan.message);
  if (plan.do === "start") {
    await installPackages(plan.install, say);
    await startOwnEngine(data, OWN_SOCKET, say);
  }
  const address = plan.do === "use" ? plan.address : OWN_SOCKET;
  return { docker: new Docker(await dockerOptions(env)), address };
}

/** Installs Debian packages; on a terminal it asks first. */
export async function installPackages(packages: readonly string[], say: Say): Promise<void> {
  if (packages.length === 0) return;
  await ask(`Install ${packages.join(", ")} with apt-get?`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  say("reading the package lists");
  await run("apt-get", ["-q", "update"], { env });
  say(`installing ${packages.join(", ")}`);
  const options = ["-qy", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];
  await run("apt-get", [...options, "install", ...packages], { env });
  if (packages.includes("docker.io") && existsSync("/run/systemd/system")) {
    // The package starts a daemon for everybody at once; Dunlin's own is all that is wanted here.
    await run("systemctl", ["disable", "--now", "docker.socket", "docker.service"]);
  }
}

async function lookAround(env: NodeJS.ProcessEnv): Promise<MachineFacts> {
  const dockerHost = env["DOCKER_HOST"] || undefined;
  const programs = await Promise.all(
    [...Object.keys(NEEDED), "apt-get"].map(async (name) =>
      (await isInstalled(name)) ? name : "",
    ),
  );
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    answering:
      dockerHost === undefined ? await answeringSocket(env) : await pinged(env, dockerHost),
    dockerHost,
    denied: await deniedSocket(env),
    hasApt: programs.includes("apt-get"),
    installed: programs,
  };
}

async function pinged(env: NodeJS.ProcessEnv, address: string): Promise<string | undefined> {
  const docker = new Docker(await dockerOptions(env));
  return docker.ping().then(
    () => address,
    () => undefined,
  );
}

async function deniedSocket(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const path of usualSockets(env)) {
    if ((await trySocket(path)) === "denied") return path;
  }
  return undefined;
}

async function ask(question: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env["CI"]) return;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`\n  ${question} [Y/n] `);
  terminal.close();
  if (/^(y(es)?)?$/i.test(answer.trim())) return;
  throw new Failure(
    "invalid-request",
    "declined",
    "Nothing was installed: start a container engine of your own, then try again.",
  );
}
