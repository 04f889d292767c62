// Makes a sandbox, leaves a command running in it, prints its id, and waits to be killed.
import type { SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { openOutside } from "./outside.ts";
import { providerNamed } from "./providers.ts";
import { sh } from "./shell.ts";

const [name = "", runtime = "", stateFolder = "", spec = ""] = process.argv.slice(2);
const { dialler, privateOrigins } = await openOutside();
const settings = { dialler, privateOrigins, runtime, stateFolder };
const provider = providerNamed(name).create(settings);
const sandbox = await provider.create(JSON.parse(spec) as SandboxSpec);
await sh(sandbox, "printf kept > /workspace/kept");
await sh(sandbox, "echo up; sleep 400.5", {
  timeoutMs: 10 * 60_000,
  onOutput: () => void process.stdout.write(`${sandbox.id}\n`),
});
