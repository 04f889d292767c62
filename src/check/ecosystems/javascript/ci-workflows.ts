import { parseDocument } from "yaml";
import { z } from "zod";

/** Where the files of a commit are read. */
export type Files = {
  readonly paths: readonly string[];
  readFile(path: string): Promise<string | undefined>;
};

/** One step of a job in the repository's CI, as far as nothing in it depends on the place where it runs. */
export type CiStep = {
  readonly file: string;
  readonly job: string;
  /** Shell text, or the action that is used. */
  readonly run?: string;
  readonly uses?: string;
  readonly with: Readonly<Record<string, string>>;
  /** Of the workflow, the job and the step. */
  readonly env: Readonly<Record<string, string>>;
  /** Relative to the workspace; undefined at its top. */
  readonly folder?: string;
};

const MOST_FILES = 12;
const MOST_JOBS = 40;
const MOST_STEPS = 60;
const MAX_FILE_CHARACTERS = 256 * 1024;
const MAX_TEXT = 4000;
/** Those that test most likely come first. */
const LIKELY = [/\b(?:test|tests)\b/, /\b(?:ci|node|nodejs|build|main|check|checks)\b/];
const UNLIKELY = /release|publish|deploy|docs|codeql|stale|label|bench|nightly/;

const Scalars = z.record(z.string(), z.unknown()).catch({}).transform(literals);
const Step = z.object({
  run: z.string().max(MAX_TEXT).optional().catch(undefined),
  uses: z.string().max(200).optional().catch(undefined),
  with: Scalars.optional().catch(undefined),
  env: Scalars.optional().catch(undefined),
  "working-directory": z.string().max(200).optional().catch(undefined),
});
const Defaults = z
  .object({ run: z.object({ "working-directory": z.string().max(200) }) })
  .optional()
  .catch(undefined);
const Job = z.object({
  env: Scalars.optional().catch(undefined),
  defaults: Defaults,
  steps: z.array(Step.catch({})).catch([]),
});
const Workflow = z.object({
  env: Scalars.optional().catch(undefined),
  defaults: Defaults,
  jobs: z.record(z.string(), Job.catch({ steps: [], defaults: undefined })).catch({}),
});

/** Values that are the same everywhere: an expression stands for something that only GitHub knows. */
function literals(entries: Readonly<Record<string, unknown>>): Record<string, string> {
  const known = Object.entries(entries).flatMap(([name, value]) => {
    const isScalar = ["string", "number", "boolean"].includes(typeof value);
    const text = isScalar ? String(value) : "${{";
    return text.includes("${{") || text.length > 500 ? [] : [[name, text] as const];
  });
  return Object.fromEntries(known.slice(0, 50));
}

/** Low is likely. */
function rank(path: string): number {
  const name = path.slice(path.lastIndexOf("/") + 1).replaceAll("_", "-");
  if (UNLIKELY.test(name)) return 9;
  const at = LIKELY.findIndex((sign) => sign.test(name));
  return at < 0 ? 5 : at;
}

/** Aliases are refused: a few lines of them can stand for gigabytes. */
function parse(text: string): unknown {
  try {
    const document = parseDocument(text);
    return document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

/**
 * The steps of the repository's GitHub workflows, in the order of the files that test most likely. What can't be read is
 * left out: a workflow is a hint, and its text is anybody's who could merge it.
 */
export async function readCiSteps({ paths, readFile }: Files): Promise<readonly CiStep[]> {
  const files = paths
    .filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .slice(0, MOST_FILES);
  const steps: CiStep[] = [];
  for (const file of files) {
    const text = (await readFile(file)) ?? "";
    if (text.length > MAX_FILE_CHARACTERS) continue;
    const workflow = Workflow.safeParse(parse(text)).data;
    if (workflow !== undefined) steps.push(...stepsOf(file, workflow));
  }
  return steps;
}

function stepsOf(file: string, workflow: z.output<typeof Workflow>): readonly CiStep[] {
  const jobs = Object.entries(workflow.jobs).slice(0, MOST_JOBS);
  return jobs.flatMap(([job, { env, defaults, steps }]) =>
    steps.slice(0, MOST_STEPS).map(({ run, uses, ...step }) => {
      const usual = defaults ?? workflow.defaults;
      const folder = folderOf(step["working-directory"] ?? usual?.run["working-directory"]);
      return {
        file,
        job,
        with: step.with ?? {},
        env: { ...workflow.env, ...env, ...step.env },
        ...(run === undefined ? {} : { run }),
        ...(uses === undefined ? {} : { uses }),
        ...(folder === undefined ? {} : { folder }),
      };
    }),
  );
}

function folderOf(text: string | undefined): string | undefined {
  const folder = text?.replace(/^\.\//, "").replace(/\/+$/, "");
  return folder === undefined || folder === "" || folder === "." ? undefined : folder;
}

/** The single commands of a step's shell text, one each for a line and for what `&&` and `;` join. */
export function commandsOf({ run = "" }: Pick<CiStep, "run">): readonly string[] {
  return run
    .replaceAll(/\\\n\s*/g, " ")
    .split(/\n|&&|;/)
    .map((command) => command.trim())
    .filter((command) => command !== "" && !command.startsWith("#"));
}
