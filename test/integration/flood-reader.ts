/** Lets one flood loose in a sandbox, reads what comes of it, and prints how that ended and what it took of this process. */
import { Failure } from "../../src/errors.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { readChanges } from "../../src/workspace/changes.ts";
import { watchMemory } from "../attack/sandbox/memory-watch.ts";
import { providerFor, SPEC } from "./sandbox-fixture.ts";

/** What is read is what a run reads: a command's output, or the workspace's changes. */
const FLOODS: Readonly<Record<string, string>> = {
  log: "head -c 1000000000 /dev/zero",
  files: "seq -f changed-%.0f 100000 | xargs touch",
  // As large as it gets: above the largest size of a file the kernel refuses it.
  sparse: `perl -e '$SIG{XFSZ} = "IGNORE"; open my $f, ">", "sparse"; for (40, 31, 30) { last if truncate $f, 2 ** $_ }'`,
  farm: `perl -MPOSIX=mkfifo -e 'for my $i (1 .. 2000) { mkfifo "fifo-$i", 0600; open my $f, ">", "file-$i"; link "file-$i", "hard-$i"; symlink "/proc/self/mem", "link-$i" }'; mknod device c 1 5 2> /dev/null || true`,
  newlines: `perl -e 'for my $i (1 .. 4000) { open my $f, ">", "a\\n\\n$i\\t\\r\\x1b[2J" or die }'`,
  "not-utf-8": `perl -e 'for my $i (1 .. 4000) { open my $f, ">", "\\xff\\xfe$i" or die }'`,
};

const [runtime = "runc", flood = ""] = process.argv.slice(2);
const limits = { ...SPEC.limits, workspaceMiB: 1024 };
await using sandbox = await providerFor(runtime).create({ ...SPEC, limits });
await sandbox.exec(["true"], { timeoutMs: 60_000 });
const memory = watchMemory();
const ended = flood === "log" ? await run(sandbox) : await read(sandbox);
process.stdout.write(JSON.stringify({ ended, grownMiB: memory.grownMiB() }));

async function run(sandbox: Sandbox): Promise<string> {
  const { end, droppedBytes, stdout } = await sandbox.exec(["sh", "-c", FLOODS["log"] ?? ""], {
    timeoutMs: 600_000,
    killAfterOutputBytes: 2e9,
  });
  return `${end}, ${droppedBytes + stdout.length} bytes`;
}

async function read(sandbox: Sandbox): Promise<string> {
  const script = FLOODS[flood] ?? "exit 1";
  const { exitCode, stderr } = await sandbox.exec(["sh", "-c", script], { timeoutMs: 300_000 });
  if (exitCode !== 0) return `The flood failed: ${Buffer.from(stderr)}`;
  try {
    const { changes } = await readChanges(sandbox, {
      baseSha: "0".repeat(40),
      tree: [],
      ignore: [],
    });
    return `${changes.length} changes`;
  } catch (error) {
    return error instanceof Failure ? `${error.kind}/${error.code}` : String(error);
  }
}
