import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startGitHub } from "../test/github/github.ts";
import { startScriptedModel } from "../test/model/scripted-model.ts";
import { createLiveView, type LiveView } from "./live-view.ts";
import { chooseSubject } from "./subject.ts";
import { watchOneRun } from "./watch-one-run.ts";

const USAGE = `npm run demo [-- OPTIONS]

  --json FILE           Also write the result for programs
  --repository FOLDER   Any repository instead of the one of the demonstration
  --issue FILE          With it: the issue as Markdown, its first line is the title
  --script FILE         With it: what the scripted model does (JSON), when there is no OPENAI_API_KEY
  --keep                Leave everything running and print the addresses`;

const OPTIONS = {
  json: { type: "string" },
  repository: { type: "string" },
  issue: { type: "string" },
  script: { type: "string" },
  keep: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const view = createLiveView();
  if (values.help) {
    view.say(USAGE);
    return 0;
  }
  const key = process.env["OPENAI_API_KEY"] ?? "";
  const honesty = honestLine(key === "");
  view.say(honesty);
  const folder = await mkdtemp(join(tmpdir(), "dunlin-demo-"));
  // The database runs as a user of its own, which has to get through.
  await chmod(folder, 0o711);
  const subject = await chooseSubject({ ...values, scripted: key === "" }, folder, view);
  const github = await startGitHub({ folder: join(folder, "github") });
  const model = key === "" ? await startScriptedModel({ script: subject.script }) : undefined;
  try {
    const { json, ok, keptRunning } = await watchOneRun({
      github,
      subject,
      view,
      folder,
      scriptedUrl: model?.baseUrl,
      keep: values.keep,
    });
    if (values.json !== undefined) {
      await writeFile(values.json, `${JSON.stringify(json, null, 2)}\n`);
    }
    view.say(`\n${honesty}`);
    if (keptRunning !== undefined) await untilInterrupted(view, folder, keptRunning);
    return ok ? 0 : 1;
  } finally {
    await model?.close();
    await github.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function honestLine(scripted: boolean): string {
  return scripted
    ? "The model is SCRIPTED: it plays prepared turns. GitHub is a stand-in on this machine. All else is real."
    : `The model is ${process.env["DUNLIN_MODEL"] ?? "gpt-5"}. GitHub is a stand-in on this machine. All else is real.`;
}

async function untilInterrupted(
  view: LiveView,
  folder: string,
  running: AsyncDisposable & { readonly url: string },
): Promise<void> {
  view.say(`\nStill running: Dunlin at ${running.url}, its data in ${folder}. Ctrl-C ends it all.`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
  });
  await running[Symbol.asyncDispose]();
}
