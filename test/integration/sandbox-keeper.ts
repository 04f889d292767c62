/** Makes a sandbox that outlives it, starts a command there, says so on standard output and waits to be killed. */
import { providerFor } from "./sandbox-fixture.ts";

const [runtime = "runc", stateFolder = "", spec = ""] = process.argv.slice(2);
const provider = providerFor(runtime, { stateFolder });
const sandbox = await provider.create({ ...JSON.parse(spec), outlivesProcess: true });
await sandbox.writeFiles([{ path: "/workspace/kept", data: Buffer.from("as it was") }]);
const script = `trap '' TERM HUP INT; setsid sh -c 'while :; do date > /tmp/late; sleep 0.1; done' &
  while :; do head -c 100000 /dev/zero; done`;
let bytes = 0;
void sandbox.exec(["sh", "-c", script], {
  timeoutMs: 600_000,
  killAfterOutputBytes: 1e12,
  onOutput({ data }) {
    bytes += data.length;
    if (bytes < 3e6 || bytes - data.length >= 3e6) return;
    process.stdout.write(`${sandbox.id}\n`);
  },
});
