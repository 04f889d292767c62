/** Makes a sandbox, says so on standard output and waits to be killed. */
import { providerFor, SPEC } from "./sandbox-fixture.ts";

const [runtime = "runc", owner = ""] = process.argv.slice(2);
const sandbox = await providerFor(runtime).create({ ...SPEC, labels: { owner } });
void sandbox.exec(["sh", "-c", "setsid sleep 600 & sleep 600"], { timeoutMs: 600_000 });
process.stdout.write(`${sandbox.id}\n`);
