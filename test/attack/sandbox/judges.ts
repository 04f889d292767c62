import type { CommandSeen, Judge, Observed, StepSeen, Verdict } from "./attack-case.ts";
import { isOwnKernel, made, seen, stepSeen } from "./made-up.ts";

type Attempt = {
  readonly kind: string;
  readonly name: string;
  readonly result: string;
  readonly more: string;
};

const HELD: Verdict = { outcome: "held", notes: [] };
const ORDER = ["ESCAPED", "LEAKED", "STUCK", "UNPROVEN", "not applicable here", "held"] as const;

/** The worst of several, with the notes of all, its own first. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const outcome = ORDER.find((one) => verdicts.some((verdict) => verdict.outcome === one));
  const [own, others] = [true, false].map((isOwn) =>
    verdicts.filter((one) => (one.outcome === outcome) === isOwn).flatMap(({ notes }) => notes),
  );
  return { outcome: outcome ?? "held", notes: [...(own ?? []), ...(others ?? [])] };
}

/** Every one of these must be content. */
export function all(...judges: readonly Judge[]): Judge {
  const [first = refuses({}), ...rest] = judges;
  return {
    judge: (observed) => worst(judges.map((one) => one.judge(observed))),
    bites: judges.flatMap(({ bites }) => bites),
    calm: rest.reduce((calm, one) => together(calm, one.calm), first.calm),
  };
}

function together(one: Observed, other: Observed): Observed {
  const out = `${other.command.out}${one.command.out}`;
  return {
    ...one,
    ...other,
    command: { ...one.command, ...other.command, out },
    steps: [...one.steps, ...other.steps],
  };
}

export type Attempts = {
  /** Kinds of attempts whose success is harm anywhere. */
  readonly host?: readonly string[];
  /** Whose success is harm only where the kernel is the host's. */
  readonly kernel?: readonly string[];
  /** Whose success is worth a note only. */
  readonly noted?: readonly string[];
  /** The only errors that count as a refusal of `host` and `kernel`; any error when left out. */
  readonly by?: readonly string[];
};

/** Each kind must have been tried and refused: a program that stops early proves nothing. */
export function refuses({ host = [], kernel = [], noted = [], by }: Attempts): Judge {
  const refused = (by ?? ["EPERM"])[0];
  const kinds = [...host, ...kernel];
  const lines = (success?: string) =>
    kinds.map((kind) => `TRY ${kind} ${kind === success ? "ok" : refused}\n`).join("");
  const print = (success?: string) => made({ command: seen(`${lines(success)}DONE\n`) });
  return {
    judge(observed) {
      const unfinished = unfinishedOf(observed.command);
      const attempts = attemptsOf(observed.command.out);
      const succeeded = attempts.filter(
        ({ result }) => result === "ok" || (by !== undefined && !by.includes(result)),
      );
      const of = (some: readonly string[]) => succeeded.filter(({ kind }) => some.includes(kind));
      const inside = isOwnKernel(observed.isolation) ? of(kernel) : [];
      const harm = [...of(host), ...(isOwnKernel(observed.isolation) ? [] : of(kernel))];
      const untried = kinds.filter((kind) => !attempts.some((attempt) => attempt.kind === kind));
      return worst([
        { outcome: "held", notes: noteInside(inside) },
        {
          outcome: "held",
          notes: of(noted)
            .filter(({ result }) => result === "ok")
            .map(wordsOf),
        },
        unfinished,
        ...(untried.length === 0 || unfinished.outcome !== "held"
          ? []
          : [{ outcome: "UNPROVEN" as const, notes: [`Not tried: ${untried.join(", ")}.`] }]),
        ...(harm.length === 0 ? [] : [{ outcome: "ESCAPED" as const, notes: harm.map(wordsOf) }]),
      ]);
    },
    bites: kinds.map(print),
    calm: print(),
  };
}

function noteInside(inside: readonly Attempt[]): readonly string[] {
  if (inside.length === 0) return [];
  const names = [...new Set(inside.map(({ kind }) => kind))];
  return [`Only in its own kernel: ${names.join(", ")}.`];
}

/** The attempt as its program printed it. */
function wordsOf({ name, result, more }: Attempt): string {
  return `${name}: ${result}${more === "" ? "" : `, ${more}`}`.slice(0, 160);
}

/** `SKIP` says that it can't be tried; without `DONE` at the end nothing was shown, unless the sandbox is gone. */
function unfinishedOf({ end, out, err, exitCode }: CommandSeen): Verdict {
  const skip = /^SKIP (.*)$/m.exec(out)?.[1];
  if (skip !== undefined) return { outcome: "not applicable here", notes: [skip] };
  if (/^DONE$/m.test(out) || end === "lost" || end === "oom") return HELD;
  if (end === "never") return { outcome: "STUCK", notes: ["The command never ended."] };
  const tail = `${out.slice(-200)} ${err.slice(-300)}`.replace(/\s+/g, " ").trim();
  if (exitCode === 127) return { outcome: "not applicable here", notes: [`No program: ${tail}`] };
  return { outcome: "UNPROVEN", notes: [`It ended by ${end} ${exitCode ?? ""} early: ${tail}`] };
}

function attemptsOf(out: string): readonly Attempt[] {
  return [...out.matchAll(/^TRY (([^ :]+)[^ ]*) (\S+) ?(.*)$/gm)].map(
    ([, name = "", kind = "", result = "", more = ""]) => ({ kind, name, result, more }),
  );
}

/** What was measured must lie under these bounds; `of` takes them from the sandbox's limits. */
export function stays(of: (observed: Observed) => Readonly<Record<string, number>>): Judge {
  const names = Object.entries(of(made({})));
  const print = (over?: string) =>
    names.map(([name, most]) => `MEASURE ${name} ${name === over ? most * 2 + 1 : 0}\n`).join("");
  const observe = (over?: string) => made({ command: seen(`${print(over)}DONE\n`) });
  return {
    judge(observed) {
      const verdicts = Object.entries(of(observed)).map(([name, most]): Verdict => {
        const measured = lastMeasure(observed.command.out, name);
        if (measured === undefined) return unfinishedMeasure(observed.command);
        if (measured <= most) return HELD;
        return { outcome: "ESCAPED", notes: [`${name} came to ${measured}, over ${most}.`] };
      });
      return worst([unfinishedMeasure(observed.command), ...verdicts]);
    },
    bites: names.map(([name]) => observe(name)),
    calm: observe(),
  };
}

/** A program that measures and is killed at its time has shown what it could do. */
function unfinishedMeasure(command: CommandSeen): Verdict {
  const isCut = ["timeout", "signal", "killed"].includes(command.end) || NO_MORE.test(command.err);
  return isCut ? HELD : unfinishedOf(command);
}

function lastMeasure(out: string, name: string): number | undefined {
  const found = [...out.matchAll(/^MEASURE (\S+) (\d+)$/gm)].filter(([, given]) => given === name);
  const value = found.at(-1)?.[2];
  return value === undefined ? undefined : Number(value);
}

/** How a command may end; `bare exit` is one without `DONE`, which otherwise is a program that broke down. */
export type Way = CommandSeen["end"] | "bare exit";

/** What a program says that ends because it gets no more. */
const NO_MORE = /out of memory|cannot (allocate|fork)|can't fork|temporarily unavailable|ENOMEM/i;

/** The program ends in one of these ways; it never goes on for ever. */
export function ends(...ways: readonly Way[]): Judge {
  const [way = "exit"] = ways;
  const end = way === "bare exit" ? "exit" : way;
  return {
    judge: ({ command }) => endedBy(command, ways),
    bites: [made({ command: { ...seen(""), end: "never" } })],
    calm: made({ command: { ...seen("DONE\n"), end } }),
  };
}

function endedBy(command: CommandSeen, ways: readonly Way[]): Verdict {
  const { end, err } = command;
  if (end === "never") return { outcome: "STUCK", notes: ["The command never ended."] };
  const isLost = end === "lost" || end === "oom";
  if (isLost || (end === "exit" && ways.includes("bare exit"))) return HELD;
  if (!ways.includes(end)) {
    return { outcome: "UNPROVEN", notes: [`It ended by ${end}: ${err.slice(0, 200)}`] };
  }
  return end === "exit" && !NO_MORE.test(err) ? unfinishedOf(command) : HELD;
}

/** What came of one of Dunlin's own steps; `undefined` is fine, a text says what is wrong. */
export function step(
  name: string,
  wrong: (step: StepSeen, observed: Observed) => string | undefined,
  examples: { readonly bite: Partial<StepSeen>; readonly calm: Partial<StepSeen> },
  outcome: "ESCAPED" | "LEAKED" = "ESCAPED",
): Judge {
  const observe = (seenStep: Partial<StepSeen>) => made({ steps: [stepSeen(name, seenStep)] });
  return {
    judge(observed) {
      const found = observed.steps.find((one) => one.name === name);
      if (found === undefined) return lostOr(observed, `The step ${name} was not taken.`);
      if (found.end === "never") return { outcome: "STUCK", notes: [`${name} never ended.`] };
      const why = wrong(found, observed);
      return why === undefined ? HELD : { outcome, notes: [`${name}: ${why}`] };
    },
    bites: [observe(examples.bite), observe({ end: "never" })],
    calm: observe(examples.calm),
  };
}

function lostOr({ command }: Observed, note: string): Verdict {
  if (command.end === "lost" || command.end === "oom") return HELD;
  return { outcome: "UNPROVEN", notes: [note] };
}

/** Anything that can be said of an observation; `wrong` gives the harm in words. */
export function that(
  wrong: (observed: Observed) => string | undefined,
  examples: { readonly bite: Partial<Observed>; readonly calm?: Partial<Observed> },
  outcome: "ESCAPED" | "LEAKED" = "ESCAPED",
): Judge {
  return {
    judge(observed) {
      const why = wrong(observed);
      return why === undefined ? HELD : { outcome, notes: [why] };
    },
    bites: [made(examples.bite)],
    calm: made(examples.calm ?? {}),
  };
}
