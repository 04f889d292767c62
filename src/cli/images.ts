import { readConfig } from "../config.ts";
import { type FoundImage, openImages } from "../sandbox/providers/docker/image-list.ts";
import { type Environment, readArguments, wrongUsage } from "./arguments.ts";
import { formatBytes, formatDuration, formatTable } from "./table.ts";

const HELP = `dunlin images: what sandboxes are made from.

Usage
  dunlin images list [--json]     Those that DUNLIN_IMAGES allows, built or not
  dunlin images build [NAME...]   Build these, or all of them; what is there already is left as it is

A NAME is one of Dunlin's own images, or a reference such as debian:12, which is pulled and tried.
They are built at the first use too; building ahead saves the first sandbox the wait.
`;

/** Resolves with the exit code. */
export async function images(args: readonly string[], env: Environment): Promise<number> {
  const { values, positionals } = readArguments("images", args, {
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  const [command, ...names] = positionals;
  if (values.help === true) return show(HELP);
  switch (command) {
    case "list":
      if (names[0] !== undefined) wrongUsage(`"${names[0]}" is one argument too many.`, "images");
      return list(env, values.json === true);
    case "build":
      if (values.json === true) wrongUsage("--json is an option of list only.", "images");
      return build(env, names);
    case undefined:
      process.stderr.write(HELP);
      return 2;
    default:
      return wrongUsage(`There is no command "images ${command}".`, "images");
  }
}

async function build(env: Environment, names: readonly string[]): Promise<number> {
  const wanted = names.length > 0 ? names : readConfig(env).DUNLIN_IMAGES;
  const engine = await openImages(env);
  for (const name of wanted) {
    const { ref, digest } = await engine.build(name, (line) => {
      process.stderr.write(`${name}: ${line}\n`);
    });
    show(`${ref} ${digest}\n`);
  }
  return 0;
}

async function list(env: Environment, json: boolean): Promise<number> {
  const allowed = readConfig(env).DUNLIN_IMAGES;
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
