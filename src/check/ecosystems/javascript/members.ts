import { parseDocument } from "yaml";
import { z } from "zod";
import type { Files } from "./ci-workflows.ts";

/** A package of a repository that has several. */
export type Member = {
  readonly folder: string;
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  /** Of what it gives to others, as its package.json names it. */
  readonly entry?: string;
};

const MOST_MEMBERS = 100;
const Patterns = z.array(z.string().max(200)).max(100);
const Workspaces = z
  .union([Patterns, z.object({ packages: Patterns }).transform(({ packages }) => packages)])
  .catch([]);
const PnpmWorkspace = z.object({ packages: Patterns.catch([]) });
const MemberJson = z.object({
  name: z.string().catch(""),
  main: z.string().optional().catch(undefined),
  scripts: z.record(z.string(), z.string().catch("")).catch({}),
});

/** The packages that `workspaces` of package.json or pnpm's own file name; empty where there is one package. */
export async function findMembers(files: Files, workspaces: unknown): Promise<readonly Member[]> {
  const pnpm = await files.readFile("pnpm-workspace.yaml");
  const patterns = pnpm === undefined ? Workspaces.parse(workspaces) : pnpmPatterns(pnpm);
  if (patterns.length === 0) return [];
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!")).map(folderMatcher);
  const unwanted = patterns
    .filter((pattern) => pattern.startsWith("!"))
    .map((pattern) => folderMatcher(pattern.slice(1)));
  const folders = files.paths
    .filter((path) => path.endsWith("/package.json") && !path.includes("node_modules/"))
    .map((path) => path.slice(0, -"/package.json".length))
    .filter((folder) => wanted.some((one) => one.test(folder)))
    .filter((folder) => !unwanted.some((one) => one.test(folder)))
    .slice(0, MOST_MEMBERS);
  const members: Member[] = [];
  for (const folder of folders) {
    const json = MemberJson.safeParse(parseJson(await files.readFile(`${folder}/package.json`)));
    if (json.data === undefined) continue;
    const { main, ...member } = json.data;
    members.push({ folder, ...member, ...(main === undefined ? {} : { entry: main }) });
  }
  return members;
}

function pnpmPatterns(text: string): readonly string[] {
  try {
    const json = parseDocument(text).toJS({ maxAliasCount: 0 });
    return PnpmWorkspace.safeParse(json).data?.packages ?? [];
  } catch {
    return [];
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

const GLOBS: Readonly<Record<string, string>> = {
  "/**": "(?:/.+)?",
  "**/": "(?:.+/)?",
  "**": ".*",
  "*": "[^/]*",
};
/** More than people write, and few enough that no name takes long to match. */
const MOST_STARS = 3;

/** `*` is within one folder, `**` any number of them, `{a,b}` one of several. */
function folderMatcher(pattern: string): RegExp {
  const plain = pattern.replace(/^\.\//, "").replace(/\/+(?:package\.json)?$/, "");
  if ((plain.match(/\*+/g) ?? []).length > MOST_STARS) return /^$/;
  const source = plain
    .replaceAll(/[.+^$()|[\]\\?]/g, "\\$&")
    .replaceAll(/\{([\w.,@/-]*)\}/g, (_, choice: string) => `(?:${choice.replaceAll(",", "|")})`)
    .replaceAll(/[{}]/g, "\\$&")
    .replaceAll(/\/\*\*(?!\*)|\*\*\/|\*\*|\*/g, (stars) => GLOBS[stars] ?? "");
  return new RegExp(`^${source}$`);
}
