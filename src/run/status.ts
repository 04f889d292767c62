import { toFailure } from "../errors.ts";
import { createRedactor } from "../pull-request/redact.ts";
import { sanitizeMarkdown } from "../pull-request/sanitize.ts";
import type { OpenRun } from "./open-run.ts";

/** Names the run's one comment on the issue. */
export function statusMarker(runId: string): string {
  return `run=${runId}`;
}

/** Writes the status comment; the same text twice is one edit. */
export async function tellStatus(run: OpenRun, now: string): Promise<{ readonly url: string }> {
  const body = statusText({
    now,
    runId: run.request.id,
    requestedBy: run.request.requestedBy,
    isVerifying: run.request.pullRequest !== undefined,
    mention: run.host.mention,
    omittedComments: run.request.omittedComments,
    findings: run.findings,
    plan: run.plan,
  });
  const clean = createRedactor(run.ports.secrets()).redact(body);
  return run.host.writeComment(run.request.issueNumber, statusMarker(run.request.id), clean);
}

/** The same from inside of a longer step: a host that is away must not end the work. */
export async function showStatus(run: OpenRun, now: string): Promise<void> {
  try {
    await tellStatus(run, now);
  } catch (error) {
    run.log.warn({ reason: toFailure(error).message }, "status not shown");
  }
}

export type StatusFacts = {
  /** What it does now, in a few words. */
  readonly now: string;
  readonly runId: string;
  readonly requestedBy: string;
  readonly mention: string;
  /** Whether it is about people's own change: then there is nothing to steer. */
  readonly isVerifying?: boolean;
  readonly omittedComments: number;
  /** What was found out about the repository. */
  readonly findings: readonly string[];
  /** The model's own plan. */
  readonly plan: readonly { readonly text: string; readonly status: string }[];
};

const MARKS: Readonly<Record<string, string>> = {
  done: "- [x]",
  completed: "- [x]",
};

const MAX_STEP_CHARACTERS = 300;

/** People are shown it, and are mentioned, misled or loaded images for by nothing in it. */
function harmlessLine(text: string): string {
  return sanitizeMarkdown(text.replace(/\s+/g, " "), MAX_STEP_CHARACTERS);
}

/** The status comment while a run works. */
export function statusText(facts: StatusFacts): string {
  const omitted =
    facts.omittedComments === 0
      ? []
      : [
          `${facts.omittedComments} comment${facts.omittedComments === 1 ? "" : "s"} by people without write access ${facts.omittedComments === 1 ? "was" : "were"} left out; quote what matters.`,
          "",
        ];
  const plan = facts.plan.map(
    ({ status, text }) => `${MARKS[status] ?? "- [ ]"} ${harmlessLine(text)}`,
  );
  return [
    `**${facts.now}** …`,
    "",
    ...omitted,
    ...(plan.length === 0 ? [] : [...plan, ""]),
    ...facts.findings.map((line) => `- ${line}`),
    ...(facts.findings.length === 0 ? [] : [""]),
    `<sub>Asked for by ${facts.requestedBy} · run \`${facts.runId}\` · ${waysToSteer(facts)}.</sub>`,
  ].join("\n");
}

function waysToSteer({ mention, isVerifying = false }: StatusFacts): string {
  const stop = `\`${mention} stop\` ends it`;
  return isVerifying ? stop : `${stop}, \`${mention} <instruction>\` steers it`;
}
