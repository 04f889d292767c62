/** Keeps one sandbox ready, says which and waits to be killed. */
import { docker, providerFor, SPEC } from "./sandbox-fixture.ts";

const [runtime = "runc", owner = "", stateFolder = ""] = process.argv.slice(2);
await providerFor(runtime, { stateFolder, poolSize: 1, labels: { owner } }).warm(SPEC);
const filters = { label: [`owner=${owner}`] };
for (const { Id } of await docker.listContainers({ filters })) process.stdout.write(`${Id}\n`);
