// Makes two sandboxes, pauses the second, tells their ids, and waits to be killed.
import { createLog } from "../../src/log.ts";
import { createBubblewrapProvider } from "../../src/sandbox/providers/bubblewrap/bubblewrap-provider.ts";
import { SPEC } from "./bubblewrap-spec.ts";

const [stateFolder = ""] = process.argv.slice(2);
const provider = createBubblewrapProvider({ stateFolder, log: createLog("warn") });
const report = await provider.probe();
const running = await provider.create(SPEC);
const paused = await provider.create(SPEC);
void running.exec(["sleep", "600"], { timeoutMs: 600_000 });
if (report.capabilities?.pause === true) await paused.pause();
process.stdout.write(JSON.stringify([running.id, paused.id]));
setInterval(() => {}, 60_000);
