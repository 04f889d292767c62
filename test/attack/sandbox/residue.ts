import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SandboxProvider } from "../../../src/sandbox/sandbox.ts";

/** The variable by which a process is known to come from one sandbox, wherever it is. */
export const TOKEN = "ATTACK_TOKEN";
const WAIT_MS = 20_000;
const LOOK_EVERY_MS = 250;

/** Processes of a sandbox that the host sees among its own, outside of the sandbox's numbering. */
export function escapedProcesses(token: string): readonly string[] {
  const own = namespaceOf("self");
  return processes()
    .filter((pid) => environmentOf(pid).includes(`${TOKEN}=${token}`) && namespaceOf(pid) === own)
    .map((pid) => `Process ${pid} (${commandOf(pid)}) runs among the host's`);
}

/** What is still there of a destroyed sandbox once it had time to go. */
export async function leftOf(
  provider: SandboxProvider,
  sandbox: { readonly id: string; readonly token: string },
): Promise<readonly string[]> {
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const left = [...lookFor(sandbox.id, sandbox.token), ...(await listed(provider, sandbox.id))];
    if (left.length === 0 || Date.now() > until) return left.map((one) => `Left behind: ${one}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function listed(provider: SandboxProvider, id: string): Promise<readonly string[]> {
  const found = (await provider.list({})).some((sandbox) => sandbox.id === id);
  return found ? [`the sandbox ${id.slice(0, 12)} in the provider's list`] : [];
}

function lookFor(id: string, token: string): readonly string[] {
  const ofIt = processes().filter(
    (pid) =>
      environmentOf(pid).includes(`${TOKEN}=${token}`) || commandOf(pid).includes(id.slice(0, 64)),
  );
  const mounts = read("/proc/self/mountinfo").split("\n");
  const loops = names("/sys/block").map((name) => read(`/sys/block/${name}/loop/backing_file`));
  const folders = [tmpdir(), "/run", "/run/dunlin", "/dev/shm"].flatMap((folder) =>
    names(folder).map((name) => join(folder, name)),
  );
  return [
    ...ofIt.map((pid) => `process ${pid} (${commandOf(pid)})`),
    ...mounts.filter((row) => row.includes(id)).map((row) => `the mount ${row}`),
    ...loops.filter((file) => file.includes(id)).map((file) => `a loop device on ${file.trim()}`),
    ...folders.filter((path) => path.includes(id)).map((path) => `the folder ${path}`),
  ];
}

function processes(): readonly string[] {
  return names("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
}

function namespaceOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return "gone";
  }
}

function environmentOf(pid: string): string {
  return read(`/proc/${pid}/environ`);
}

function commandOf(pid: string): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** Empty for what is gone or can't be read. */
function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
