import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Turn } from "../test/model/scripted-model.ts";
import type { LiveView } from "./live-view.ts";
import { ISSUE, MINIMIST, SCRIPT } from "./minimist.ts";
import { unpackPackage } from "./package-repository.ts";

/** A repository, an issue and, for the scripted model, its turns. */
export type Subject = {
  readonly name: string;
  readonly folder: string;
  readonly issue: { readonly title: string; readonly body: string };
  readonly script: readonly Turn[];
};

export type SubjectChoice = {
  readonly repository?: string | undefined;
  readonly issue?: string | undefined;
  readonly script?: string | undefined;
  readonly scripted: boolean;
};

/** The published package of the demonstration, or what the person named. */
export async function chooseSubject(
  choice: SubjectChoice,
  folder: string,
  view: LiveView,
): Promise<Subject> {
  if (choice.repository !== undefined) return givenSubject(choice, choice.repository);
  view.heading(`A real package with a real bug: ${MINIMIST.spec} from the npm registry`);
  const repository = join(folder, "minimist");
  const { dropped, set } = await unpackPackage(MINIMIST, repository);
  view.say(`  manifest: dropped ${dropped.join(", ")}; set ${set.join(", ")}`);
  return { name: "acme/minimist", folder: repository, issue: ISSUE, script: SCRIPT };
}

async function givenSubject(choice: SubjectChoice, repository: string): Promise<Subject> {
  if (choice.issue === undefined) {
    throw new Error("--repository needs --issue FILE: what should be done there?");
  }
  if (choice.scripted && choice.script === undefined) {
    throw new Error(
      "No model can solve an issue of your own without a key. Set OPENAI_API_KEY (and OPENAI_BASE_URL, DUNLIN_MODEL), or give --script FILE for the scripted model.",
    );
  }
  const [title = "", ...body] = (await readFile(choice.issue, "utf8")).trim().split("\n");
  const script =
    choice.scripted && choice.script !== undefined
      ? (JSON.parse(await readFile(choice.script, "utf8")) as Turn[])
      : [];
  return {
    name: `acme/${basename(resolve(repository)).replaceAll(/[^\w.-]/g, "-")}`,
    folder: resolve(repository),
    issue: { title: title.replace(/^#\s*/, ""), body: body.join("\n").trim() },
    script,
  };
}
