#!/usr/bin/env node
// Starts Dunlin on a Node that can run it: the machine's own, or the one that the package brings along. The installed
// package holds compiled files; in the repository, where nothing is built, Node runs the sources.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const OLDEST_NODE = 24;

const sources = new URL("../src/cli.ts", import.meta.url);
const program = existsSync(sources) ? sources : new URL("../dist/cli.js", import.meta.url);
const isOld = Number.parseInt(process.versions.node, 10) < OLDEST_NODE;

if (isOld) process.exitCode = await runOnOwnNode();
else await import(program.href);

async function runOnOwnNode() {
  const child = spawn(ownNode(), [fileURLToPath(program), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // Ctrl-C reaches both by itself.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill());
  const [code] = await once(child, "close");
  return code ?? 1;
}

function ownNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(manifest), "bin/node");
  } catch {
    process.stderr.write(
      `dunlin: Node ${OLDEST_NODE} is needed, this is ${process.version}. Run npm install first: it brings its own.\n`,
    );
    process.exit(1);
  }
}
