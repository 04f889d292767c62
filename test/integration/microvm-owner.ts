/** Makes a micro-VM, keeps it busy, says its id on standard output and waits to be killed. */
import { MICROVM_SPEC, microvms } from "./microvm-fixture.ts";

const [owner = ""] = process.argv.slice(2);
const sandbox = await microvms().create({ ...MICROVM_SPEC, labels: { owner } });
void sandbox.exec(["sh", "-c", "setsid sleep 600 & while :; do :; done"], { timeoutMs: 600_000 });
process.stdout.write(`${sandbox.id}\n`);
