import { readConfig } from "../config.ts";
import { type FoundImage, openImages } from "../sandbox/providers/docker/image-list.ts";
import { pruneImages } from "../sandbox/providers/docker/image-prune.ts";
import { type Environment, readArguments, readNumber, wrongUsage } from "./arguments.ts";
import { formatBytes, formatDuration, formatTable } from "./table.ts";

const HELP = `dunlin images: what sandboxes are made from.

Usage
  dunlin images list [--json]     Those that DUNLIN_IMAGES allows, built or not
  dunlin images build [NAME...]   Build these, or all of them; what is there already is left as it is
  dunlin images prune [--days N]  Remove what other versions of Dunlin built more than N days ago (default: 7)

A NAME is one of Dunlin's own images, or a reference such as debian:12, which is pulled and tried.
They are built at the first use too; building ahead saves the first sandbox the wait.
What a container uses is never removed, and neither is an image from elsewhere.
`;

/** Resolves with the exit code. */
export async function images(args: readonly string[], env: Environment): Promise<number> {
  const { values, positionals } = readArguments("images", args, {
    json: { type: "boolean" },
    days: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  const [command, ...names] = positionals;
  if (values.help === true) return show(HELP);
  if (values.days !== undefined && command !== "prune") {
    wrongUsage("--days is an option of prune only.", "images");
  }
  if (values.json === true && command !== "list") {
    wrongUsage("--json is an option of list only.", "images");
  }
  if (names[0] !== undefined && command !== "build") {
    wrongUsage(`"${names[0]}" is one argument too many.`, "images");
  }
  // Also for those that need none of it: a wrong setting is wrong whichever command meets it first.
  const { DUNLIN_IMAGES: allowed } = readConfig(env);
  switch (command) {
    case "list":
      return list(env, allowed, values.json === true);
    case "build":
      return build(env, names.length > 0 ? names : allowed);
    case "prune":
      return prune(env, values.days);
    case undefined:
      process.stderr.write(HELP);
      return 2;
    default:
      return wrongUsage(`There is no command "images ${command}".`, "images");
  }
}

async function build(env: Environment, names: readonly string[]): Promise<number> {
  const engine = await openImages(env);
  for (const name of names) {
    const { ref, digest } = await engine.build(name, (line) => {
      process.stderr.write(`${name}: ${line}\n`);
    });
    show(`${ref} ${digest}\n`);
  }
  return 0;
}

const DAY_MS = 86_400_000;
const PRUNED_DAYS = "7";

async function prune(env: Environment, days = PRUNED_DAYS): Promise<number> {
  const ageMs = readNumber("images prune", "days", days) * DAY_MS;
  for (const gone of await pruneImages(env, { nowMs: Date.now(), ageMs })) show(`${gone}\n`);
  return 0;
}

async function list(env: Environment, allowed: readonly string[], json: boolean): Promise<number> {
  const engine = await openImages(env);
  const found = await Promise.all(allowed.map(engine.find));
  if (json) return show(`${JSON.stringify(found, null, 2)}\n`);
  const colour = process.stdout.isTTY === true && !env["NO_COLOR"];
  const rows = found.map((image) => row(image, Date.now()));
  return show(formatTable(["IMAGE", "DIGEST", "SIZE", "BUILT"], rows, { colour }));
}

const SHORT_DIGEST = "sha256:".length + 12;

function row({ name, built }: FoundImage, nowMs: number): readonly string[] {
  if (built === null) return [name, "–", "–", "not built"];
  const age = formatDuration(nowMs - Date.parse(built.at));
  return [name, built.digest.slice(0, SHORT_DIGEST), formatBytes(built.bytes), `${age} ago`];
}

function show(text: string): number {
  process.stdout.write(text);
  return 0;
}
