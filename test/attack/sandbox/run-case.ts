import type { IsolationKind } from "../../../src/sandbox/capabilities.ts";
import type { AttackCase, CommandSeen, Group, Observed, StepSeen } from "./attack-case.ts";
import { type Aftermath, conclude, type Outcome } from "./conclude.ts";
import type { Host } from "./host.ts";
import type { MadeUpInternet } from "./hosts.ts";
import { LIMITS } from "./made-up.ts";
import { watchMemory } from "./memory-watch.ts";
import { escapedProcesses, TOKEN } from "./residue.ts";
import type { Attacked, AttackedSandboxes } from "./sandboxes.ts";
import { type RunOptions, runProgram, takeStep, within } from "./take-step.ts";

export type CaseResult = {
  readonly id: string;
  readonly group: Group;
  readonly outcome: Outcome;
  readonly notes: readonly string[];
  readonly durationMs: number;
  readonly memoryGrownMiB: number;
};

export type Arena = {
  readonly host: Host;
  readonly internet: MadeUpInternet;
  readonly sandboxes: AttackedSandboxes;
  readonly isolation: IsolationKind;
};

const ANSWER_MS = 90_000;
const READY_MS = 60_000;

/** Lets one attack loose and looks at what came of it: what it printed, what Dunlin did, what the host shows. */
export async function runCase(attack: AttackCase, arena: Arena): Promise<CaseResult> {
  const startedMs = Date.now();
  const { sandboxes, host } = arena;
  const { online = false, fresh = false, maxLifetimeMs } = attack;
  arena.internet.forget();
  const attacked = fresh
    ? await sandboxes.fresh({ online, ...(maxLifetimeMs === undefined ? {} : { maxLifetimeMs }) })
    : await sandboxes.shared(online);
  const neighbour = await startNeighbour(attack, arena);
  const memory = watchMemory();
  const { command, steps } = await carryOut(attack, attacked, host);
  const memoryGrownMiB = memory.grownMiB();
  const beside = await neighbour?.end();
  const observed: Observed = {
    isolation: arena.isolation,
    limits: LIMITS,
    host: host.facts,
    command,
    steps,
    ...(beside === undefined ? {} : { neighbour: beside.seen }),
    dialled: arena.internet.dialled,
    upstream: arena.internet.upstream(),
  };
  const answers = await answersOf(attacked);
  const after: Aftermath = {
    breaches: await host.breaches(),
    secrets: await secretsIn(observed, host),
    escaped: [attacked, beside?.attacked].flatMap((one) =>
      one === undefined ? [] : escapedProcesses(one.token),
    ),
    grownMiB: memoryGrownMiB,
    answers,
    left: beside === undefined ? [] : await sandboxes.end(beside.attacked),
  };
  const { outcome } = conclude(attack, observed, after);
  const isDamaged = !["held", "not applicable here"].includes(outcome);
  const left = fresh || isDamaged || answers !== "yes" ? await sandboxes.end(attacked) : [];
  return {
    id: attack.id,
    group: attack.group,
    ...conclude(attack, observed, { ...after, left: [...after.left, ...left] }),
    durationMs: Date.now() - startedMs,
    memoryGrownMiB,
  };
}

async function carryOut(attack: AttackCase, { sandbox, token }: Attacked, host: Host) {
  const env = { ...host.env, [TOKEN]: token };
  const { meanwhile = [], after = [] } = attack;
  const steps: StepSeen[] = [];
  const ready = waitForReady();
  const watched: RunOptions = meanwhile.length === 0 ? { env } : { env, onOutput: ready.onOutput };
  const running = runProgram(sandbox, attack.program, watched);
  if (meanwhile.length > 0) {
    await within(READY_MS, undefined, Promise.race([ready.promise, running]));
    for (const step of meanwhile) steps.push(await takeStep(sandbox, step, env));
  }
  const command = await running;
  for (const step of after) {
    if (command.end === "never" || sandbox.lost.aborted) break;
    steps.push(await takeStep(sandbox, step, env));
  }
  return { command, steps };
}

function waitForReady() {
  let printed = "";
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  const onOutput: RunOptions["onOutput"] = ({ data }) => {
    if (printed.length > 4096) return;
    printed += Buffer.from(data).toString("latin1");
    if (printed.includes("READY")) resolve();
  };
  return { promise, onOutput };
}

type Neighbour = {
  end(): Promise<{ readonly attacked: Attacked; readonly seen: CommandSeen }>;
};

/** The other sandbox's program, once it is ready. */
async function startNeighbour(attack: AttackCase, arena: Arena): Promise<Neighbour | undefined> {
  if (attack.neighbour === undefined) return undefined;
  const attacked = await arena.sandboxes.fresh({ online: false });
  const stop = new AbortController();
  const ready = waitForReady();
  const env = { ...arena.host.env, ...arena.host.neighbourEnv, [TOKEN]: attacked.token };
  const running = runProgram(attacked.sandbox, attack.neighbour, {
    env,
    onOutput: ready.onOutput,
    signal: stop.signal,
  });
  await within(READY_MS, undefined, Promise.race([ready.promise, running]));
  return {
    async end() {
      stop.abort();
      return { attacked, seen: await running };
    },
  };
}

/** A sandbox that was attacked still runs commands, or it is known to be gone. */
async function answersOf({ sandbox }: Attacked): Promise<Aftermath["answers"]> {
  const asked = sandbox.exec(["/bin/true"], { cwd: "/", timeoutMs: 45_000 }).then(
    ({ end, exitCode }) => {
      if (end === "lost" || end === "oom") return "lost";
      return end === "exit" && exitCode === 0 ? "yes" : "silent";
    },
    () => (sandbox.lost.aborted ? "lost" : "silent"),
  );
  return within(ANSWER_MS, "silent", asked);
}

/** Looks for the planted secrets in everything that came out, in every form. */
async function secretsIn({ command, steps }: Observed, host: Host): Promise<readonly string[]> {
  const sentences: string[] = [];
  for (const text of [command.out, command.err, ...steps.map((step) => step.text)]) {
    const finds = await host.scanner.scan("output", Buffer.from(text, "latin1"));
    for (const { canary, form } of finds) sentences.push(`The secret of the ${canary} (${form})`);
  }
  return sentences;
}
