/** Makes a sandbox with a layer and a snapshot, says which, and waits to be killed. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { providerFor, SPEC, sh } from "./sandbox-fixture.ts";

const [runtime = "runc", stateFolder = ""] = process.argv.slice(2);
const archive = pack();
archive.entry({ name: "layered" }, "1\n");
archive.finalize();
const tar = await buffer(Readable.from(archive));
const digest = `sha256:${createHash("sha256").update(tar).digest("hex")}`;
const layer = { digest, into: "/workspace", open: () => Readable.from([tar]) };
const sandbox = await providerFor(runtime, { stateFolder }).create({ ...SPEC, layers: [layer] });
await sh(sandbox, "echo kept > file");
const snapshot = await sandbox.snapshot();
void sh(sandbox, "while :; do date > now; sleep 0.1; done", { timeoutMs: 600_000 });
process.stdout.write(`${sandbox.id}\n${snapshot}\n`);
