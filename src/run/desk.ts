import type { ToolCall } from "../agent/model.ts";
import type { TestRequest, ToolOutcome } from "../agent/tools/tool.ts";
import { createToolbox, type Toolbox } from "../agent/tools/toolbox.ts";
import { type Digest, readAll } from "../artifact/artifact.ts";
import type { Installed } from "../check/install.ts";
import { withFirstInstall } from "../check/project.ts";
import { prelude } from "../check/project-shell.ts";
import { runSuite } from "../check/run-suite.ts";
import type { SuiteRun } from "../check/suite.ts";
import { Failure } from "../errors.ts";
import { type EgressRefusal, refusalsSince, sumRefusals } from "../sandbox/egress.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { applyChanges } from "../workspace/apply-changes.ts";
import { roleOf, touchesDependencies } from "../workspace/file-role.ts";
import type { Patch } from "../workspace/patch.ts";
import { decodePatch } from "../workspace/patch-text.ts";
import { TreeKeeper } from "./keep-tree.ts";
import { isLost, onceMoreIfLost } from "./lost-sandbox.ts";
import { installOnline } from "./open-registries.ts";
import type { OpenRun } from "./open-run.ts";
import { freshSandbox, type Ready } from "./set-up.ts";

const SUITE_TIMEOUT_MS = 10 * 60_000;
/** Tools that can't have changed the workspace. */
const READING = new Set(["read_file", "update_plan"]);

/** What a turn's calls came to, and the workspace's changes after them. */
export type Acted = {
  readonly outcomes: readonly ToolOutcome[];
  readonly checkpoint?: Digest;
  /** Why the workspace as it stands now can't become a patch. */
  readonly unkept?: string;
  /** What the sandbox was refused during the turn. */
  readonly refusals?: readonly EgressRefusal[];
};

type Opened = {
  readonly sandbox: Sandbox;
  readonly toolbox: Toolbox;
  readonly keeper: TreeKeeper;
};

/**
 * The sandbox that the model's tools work in. It is made when first needed, from the base and the last checkpoint, and
 * made anew when it was lost: a turn that was cut short starts from the tree before it.
 */
export class Desk implements AsyncDisposable {
  readonly #run: OpenRun;
  readonly #ready: Ready;
  readonly #seen: ToolOutcome[] = [];
  #opened: Promise<Opened> | undefined;
  #toolbox: Toolbox | undefined;

  constructor(run: OpenRun, ready: Ready) {
    this.#run = run;
    this.#ready = ready;
  }

  /**
   * Has the sandbox made while something else goes on, so that the first call needn't wait for it. Call it inside of a
   * step only: by then `remember` has had all that went before. When it fails, the first call tries again.
   */
  openAhead(signal: AbortSignal): void {
    if (this.#opened !== undefined) return;
    this.#opened = this.#make(signal);
    this.#opened.catch(() => {});
  }

  /** Runs a turn's calls in order. A sandbox that dies is replaced once; then the model is told. */
  async act(calls: readonly ToolCall[], signal: AbortSignal): Promise<Acted> {
    const work = async () => {
      try {
        return await this.#act(calls, signal);
      } catch (error) {
        if (isLost(error)) await this.close();
        throw error;
      }
    };
    try {
      return await onceMoreIfLost((text) => this.#run.note(text), work);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "sandbox-lost") throw error;
      const text =
        "Error: the sandbox died twice while running this turn (out of memory or processes?). The workspace is as it was before the turn.";
      return { outcomes: calls.map((call) => ({ callId: call.id, text })) };
    }
  }

  /** What a finished turn, maybe of an earlier process, has left. */
  remember(acted: Acted): void {
    this.#seen.push(...acted.outcomes);
    this.#toolbox?.remember(acted.outcomes);
    this.#run.refusals = sumRefusals(this.#run.refusals, acted.refusals ?? []);
    if (acted.checkpoint !== undefined) this.#run.checkpoint = acted.checkpoint;
    if (acted.checkpoint !== undefined || acted.unkept !== undefined) {
      this.#run.unkept = acted.unkept;
    }
  }

  async #act(calls: readonly ToolCall[], signal: AbortSignal): Promise<Acted> {
    const { sandbox, toolbox, keeper } = await this.#open(signal);
    const outcomes: ToolOutcome[] = [];
    const before = sandbox.refusals;
    for (const call of calls) {
      this.#run.note(describeCall(call));
      outcomes.push(await toolbox.run(call, signal));
    }
    if (calls.every((call) => READING.has(call.tool))) return { outcomes };
    const isFilesOnly = calls.every(
      ({ tool }, index) => READING.has(tool) || hasWritten(outcomes[index]),
    );
    const happened = isFilesOnly ? "files-written" : "nothing-known";
    const refusals = refusalsSince(before, sandbox.refusals);
    const kept = await this.#keep(() => keeper.keep(happened, signal), outcomes);
    return refusals.length === 0 ? kept : { ...kept, refusals };
  }

  async #keep(keepTree: () => Promise<Digest>, outcomes: readonly ToolOutcome[]): Promise<Acted> {
    try {
      const digest = await keepTree();
      const reached = { what: "tree", digest } as const;
      return { outcomes: withTree(outcomes, reached), checkpoint: digest };
    } catch (error) {
      // Too large or odd a change set is for the model to mend; the last good tree stays the checkpoint.
      if (!(error instanceof Failure) || !isModelsDoing(error)) throw error;
      const warning = `\nThe change can't be kept like this: ${error.message}`;
      return {
        outcomes: outcomes.map((outcome, index) =>
          index === outcomes.length - 1 ? { ...outcome, text: outcome.text + warning } : outcome,
        ),
        unkept: error.message,
      };
    }
  }

  async #open(signal: AbortSignal): Promise<Opened> {
    const ahead = await this.#opened?.catch(() => undefined);
    if (ahead?.sandbox.lost.aborted === false) return ahead;
    await this.close();
    this.#opened = this.#make(signal);
    return this.#opened;
  }

  async #make(signal: AbortSignal): Promise<Opened> {
    const sandbox = await freshSandbox(this.#run, this.#ready, signal);
    const keeper = new TreeKeeper(this.#run, this.#ready, sandbox);
    try {
      const patch = await checkpointPatch(this.#run);
      if (patch !== undefined) await applyChanges(sandbox, patch.changes, { signal });
      if (touchesDependencies(patch?.changes ?? [])) await this.#installIfItWorks(sandbox, signal);
      await keeper.start(patch, signal);
    } catch (error) {
      await sandbox.destroy();
      throw error;
    }
    const toolbox = createToolbox({
      sandbox,
      digestOf: this.#run.ports.sha256,
      runTests: (request, during) => this.#runTests(sandbox, keeper, request, during),
      wrote: keeper.wrote,
      prelude: prelude(this.#ready.project),
      setUp: {
        command: withFirstInstall(this.#ready.project).install,
        run: (during) => this.#install(sandbox, during),
      },
    });
    toolbox.remember(this.#seen);
    this.#toolbox = toolbox;
    return { sandbox, toolbox, keeper };
  }

  #install(sandbox: Sandbox, signal: AbortSignal): Promise<Installed> {
    return installOnline(this.#run.ports, sandbox, withFirstInstall(this.#ready.project), signal);
  }

  /** A change of dependencies that the model hasn't finished yet keeps nobody from going on. */
  async #installIfItWorks(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
    try {
      await this.#install(sandbox, signal);
    } catch (error) {
      if (!(error instanceof Failure) || !isModelsDoing(error)) throw error;
      this.#run.note("what the change asks for can't be installed yet");
    }
  }

  async #runTests(
    sandbox: Sandbox,
    keeper: TreeKeeper,
    request: TestRequest,
    signal: AbortSignal,
  ): Promise<SuiteRun> {
    const { project } = this.#ready;
    const options = {
      ...(request.scope === "full" || request.files.length === 0 ? {} : { files: request.files }),
      ...(request.name === undefined ? {} : { name: request.name }),
      timeoutMs: SUITE_TIMEOUT_MS,
      createHash: this.#run.ports.createHash,
      signal,
    };
    if (request.on === "head") return suiteOf(sandbox, project, options);
    const patch = await keeper.read(signal);
    await using base = await freshSandbox(this.#run, this.#ready, signal);
    const tests = patch.changes.filter((change) => roleOf(change.path) === "test");
    await applyChanges(base, tests, { signal });
    // Awaited here: a promise alone would be returned after the sandbox is gone.
    return await suiteOf(base, project, options);
  }

  /** Gives the sandbox back; the next call would make another. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#toolbox = undefined;
    await (await opened?.catch(() => undefined))?.sandbox.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The change so far, if any turn has made one. */
export async function checkpointPatch(run: OpenRun): Promise<Patch | undefined> {
  if (run.checkpoint === undefined) return undefined;
  return decodePatch(await readAll(run.ports.artifacts.get(run.checkpoint)));
}

/** A suite that the sandbox's loss cut short says nothing: it is run again with the whole turn. */
async function suiteOf(...args: Parameters<typeof runSuite>): Promise<SuiteRun> {
  const suite = await runSuite(...args);
  if (suite.end !== "lost") return suite;
  const message = "The sandbox was lost while the tests ran; the turn starts again in a new one.";
  throw new Failure("unavailable", "sandbox-lost", message);
}

function isModelsDoing({ kind, code }: Failure): boolean {
  return kind === "invalid-request" || (kind === "limit-reached" && code !== "time");
}

function hasWritten(outcome: ToolOutcome | undefined): boolean {
  return outcome?.reached?.what.startsWith("file:") === true;
}

/** On the last outcome that says nothing of its own about the state that was reached. */
function withTree(
  outcomes: readonly ToolOutcome[],
  reached: NonNullable<ToolOutcome["reached"]>,
): readonly ToolOutcome[] {
  const last = outcomes.findLastIndex((outcome) => outcome.reached === undefined);
  return outcomes.map((outcome, index) => (index === last ? { ...outcome, reached } : outcome));
}

/** A few words for the person who watches. */
function describeCall(call: ToolCall): string {
  const shown = /"(?:command|path|explanation)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(call.input)?.[1];
  return shown === undefined ? call.tool : `${call.tool} ${shown.slice(0, 100)}`;
}
