/** Makes a sandbox, pauses it if told to, says so on standard output and waits to be killed. */
import { providerFor, SPEC } from "./sandbox-fixture.ts";

const [runtime = "runc", owner = "", pause] = process.argv.slice(2);
const sandbox = await providerFor(runtime).create({ ...SPEC, labels: { owner } });
if (pause === "pause") await sandbox.pause();
else void sandbox.exec(["sh", "-c", "setsid sleep 600 & sleep 600"], { timeoutMs: 600_000 });
process.stdout.write(`${sandbox.id}\n`);
