// @ts-check
// Runs on the Node that happens to be on the machine (20 or newer) and with nothing installed: no packages, no types.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDependencies } from "./dependencies.mjs";
import { createProgress } from "./progress.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const onlyDependencies = process.argv[2] === "dependencies";

// npm and Node listen to the first, other programs on the host to the second.
process.env["NODE_EXTRA_CA_CERTS"] ??= process.env["SSL_CERT_FILE"] ?? "";

try {
  await createProgress(process.stdout).part("dependencies", async (say) => ({
    value: undefined,
    summary: await ensureDependencies(root, say),
  }));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  console.error(
    "Check that this machine reaches its package registry (`npm ping`), then try again.",
  );
  process.exit(1);
}

if (!onlyDependencies) {
  // The rest needs Node 24, which is here only now.
  const node = join(root, "node_modules/.bin/node");
  const rest = process.argv.slice(2);
  const { status } = spawnSync(node, [join(root, "setup/machine.ts"), ...rest], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
