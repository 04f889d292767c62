/** Makes sandboxes and uses them until it is killed; says the id of each on standard output. */
import { randomUUID } from "node:crypto";
import { providerFor, SPEC } from "../integration/sandbox-fixture.ts";

export type Crowd = {
  readonly dockerHost: string;
  readonly runtime: string;
  readonly stateFolder: string;
  readonly owner: string;
  readonly count: number;
};

const MAKERS = 4;
const { dockerHost, runtime, stateFolder, owner, count } = JSON.parse(
  process.argv[2] ?? "",
) as Crowd;

const provider = providerFor(runtime, {
  env: { ...process.env, DOCKER_HOST: dockerHost },
  stateFolder,
  poolSize: 2,
  labels: { owner, process: randomUUID(), run: "killed" },
});
let made = 0;

/** Every third is left behind alive, every fourth destroyed again, and all of them are at work. */
async function makeOne(number: number): Promise<void> {
  const limits = { ...SPEC.limits, memoryMiB: 128, workspaceMiB: 16 };
  const sandbox = await provider.create({ ...SPEC, limits, outlivesProcess: number % 3 === 0 });
  process.stdout.write(`${sandbox.id}\n`);
  await sandbox.writeFiles([{ path: "/workspace/a/b", data: Buffer.alloc(100_000, number) }]);
  await sandbox.exec(["sh", "-c", "ls -R / | tail -1; setsid sleep 600 &"], { timeoutMs: 60_000 });
  if (number % 4 === 0) await sandbox.destroy();
  else void sandbox.exec(["sh", "-c", "setsid sleep 600 & sleep 600"], { timeoutMs: 600_000 });
}

async function makeSome(): Promise<void> {
  while (made < count) {
    made += 1;
    // The engine may be gone at any moment: that is what this is for.
    await makeOne(made).catch((error: unknown) => process.stderr.write(`${error}\n`));
  }
}

await Promise.all(Array.from({ length: MAKERS }, makeSome));
process.stdout.write("done\n");
setInterval(() => {}, 1e6);
