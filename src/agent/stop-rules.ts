import type { ModelAnswer, ToolCall } from "./model.ts";
import type { ToolOutcome } from "./tools/tool.ts";

export type StopReason =
  | "malformed-calls"
  | "no-action"
  | "no-answer"
  | "too-long"
  | "refused"
  | "repetition"
  | "ping-pong"
  | "no-progress";

/** `nudge` goes to the model as a message; `stop` ends the loop, its text is for people. */
export type Advice =
  | { readonly kind: "go" }
  | { readonly kind: "nudge"; readonly text: string }
  | { readonly kind: "stop"; readonly why: StopReason; readonly text: string };

export interface StopRules {
  afterAnswer(answer: ModelAnswer): Advice;
  afterCalls(calls: readonly ToolCall[], outcomes: readonly ToolOutcome[]): Advice;
}

const MALFORMED_IN_A_ROW = 3;
const REPEATED = { nudgeAt: 3, stopAt: 5, withinTurns: 10 };
const BACK_AGAIN = { nudgeAt: 3, stopAt: 5 };
const NO_PROGRESS_TURNS = { nudgeAt: 25, stopAt: 35 };

type Useless = "no-action" | "no-answer" | "too-long" | "refused";

/** How often an answer without a usable call is nudged before the loop stops, and with which words. */
const USELESS: Readonly<Record<Useless, { nudges: number; nudge: string; stop: string }>> = {
  "no-action": {
    nudges: 2,
    nudge:
      "You answered without calling a tool. Go on by calling one: submit when the change is ready, give_up when you can't go on.",
    stop: "The model kept answering without calling a tool.",
  },
  "no-answer": {
    nudges: 3,
    nudge: "Your answer was empty. Go on by calling a tool, submit or give_up.",
    stop: "The model kept giving empty answers.",
  },
  "too-long": {
    nudges: 2,
    nudge:
      "Your answer was cut off at the output limit, so nothing of it was run. Be brief: one tool call, and write large files in parts.",
    stop: "The model's answers kept being cut off at the output limit.",
  },
  refused: {
    nudges: 1,
    nudge:
      "This is ordinary maintenance of the repository, asked for by its maintainers. Go on with the part of it that you can do, or call give_up and say what stands in the way.",
    stop: "The model refused to work on this.",
  },
};

/** Notices a model that no longer gets anywhere. Decides by what it is shown only, so a replay decides the same. */
export function watchForStops(): StopRules {
  const useless = { kind: undefined as Useless | undefined, count: 0 };
  const watches = [watchMalformed(), watchRepetition(), watchPingPong(), watchProgress()];
  return {
    afterAnswer(answer) {
      const kind = uselessKind(answer);
      useless.count = kind !== undefined && kind === useless.kind ? useless.count + 1 : 1;
      useless.kind = kind;
      if (kind === undefined) return { kind: "go" };
      const { nudges, nudge, stop } = USELESS[kind];
      if (useless.count > nudges) return { kind: "stop", why: kind, text: stop };
      return { kind: "nudge", text: nudge };
    },
    afterCalls(calls, outcomes) {
      const advice = watches.map((watch) => watch(calls, outcomes));
      const stop = advice.find((each) => each.kind === "stop");
      return stop ?? advice.find((each) => each.kind === "nudge") ?? { kind: "go" };
    },
  };
}

function uselessKind(answer: ModelAnswer): Useless | undefined {
  if (answer.stop === "refused") return "refused";
  if (answer.stop === "length") return "too-long";
  if (answer.calls.length > 0) return undefined;
  return answer.text.trim() === "" ? "no-answer" : "no-action";
}

type Watch = StopRules["afterCalls"];

function watchMalformed(): Watch {
  let inARow = 0;
  return (_calls, outcomes) => {
    for (const outcome of outcomes) inARow = outcome.malformed ? inARow + 1 : 0;
    if (inARow < MALFORMED_IN_A_ROW) return { kind: "go" };
    const text = `The model wrote ${inARow} tool calls in a row that could not be understood.`;
    return { kind: "stop", why: "malformed-calls", text };
  };
}

/** The same calls with the same results, near each other and with nothing new between them. */
function watchRepetition(): Watch {
  let recent: string[] = [];
  const known = new Set<string>();
  return (calls, outcomes) => {
    for (const state of statesOf(outcomes)) {
      if (!known.has(state)) recent = [];
      known.add(state);
    }
    const turn = JSON.stringify([
      calls.map((call) => [call.tool, call.input]),
      outcomes.map((outcome) => outcome.text),
    ]);
    recent = [...recent.slice(1 - REPEATED.withinTurns), turn];
    const count = recent.filter((each) => each === turn).length;
    if (count >= REPEATED.stopAt) {
      const text = `The model made the same calls with the same results ${count} times.`;
      return { kind: "stop", why: "repetition", text };
    }
    if (count !== REPEATED.nudgeAt) return { kind: "go" };
    const text = `You made this call ${count} times and the result is the same. Try something else, or call give_up.`;
    return { kind: "nudge", text };
  };
}

/** Edits that lead back to a state that was already there. */
function watchPingPong(): Watch {
  const current = new Map<string, string>();
  const arrivals = new Map<string, number>();
  const arrive = ({ reached }: ToolOutcome) => {
    if (reached === undefined || reached.what === "tests") return 0;
    if (current.get(reached.what) === reached.digest) return 0;
    current.set(reached.what, reached.digest);
    const state = `${reached.what}@${reached.digest}`;
    const count = (arrivals.get(state) ?? 0) + 1;
    arrivals.set(state, count);
    return count;
  };
  return (_calls, outcomes) => {
    const most = Math.max(0, ...outcomes.map(arrive));
    if (most >= BACK_AGAIN.stopAt) {
      const text = `The model's edits led back to the same content ${most} times.`;
      return { kind: "stop", why: "ping-pong", text };
    }
    if (most < BACK_AGAIN.nudgeAt) return { kind: "go" };
    const text =
      "Your edits have led back to the same content several times. Decide for one version, or find out what you are missing.";
    return { kind: "nudge", text };
  };
}

function watchProgress(): Watch {
  const known = new Set<string>();
  let idle = 0;
  return (_calls, outcomes) => {
    idle += 1;
    for (const state of statesOf(outcomes)) {
      if (!known.has(state)) idle = 0;
      known.add(state);
    }
    if (idle >= NO_PROGRESS_TURNS.stopAt) {
      const text = `No file changed and no test gave a new result for ${idle} turns.`;
      return { kind: "stop", why: "no-progress", text };
    }
    if (idle !== NO_PROGRESS_TURNS.nudgeAt) return { kind: "go" };
    const text = `For ${idle} turns no file changed and no test gave a new result. Call update_plan with what is left to do and go on, or call give_up.`;
    return { kind: "nudge", text };
  };
}

function statesOf(outcomes: readonly ToolOutcome[]): string[] {
  return outcomes.flatMap(({ reached }) =>
    reached === undefined ? [] : [`${reached.what}@${reached.digest}`],
  );
}
