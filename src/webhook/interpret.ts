import type { CodeHost } from "../code-host/code-host.ts";
import {
  helpAnswer,
  notAllowedAnswer,
  pullRequestAnswer,
  unknownAnswer,
} from "../command/answers.ts";
import type { Command } from "../command/command.ts";
import { type Mention, parseMention } from "../command/mention.ts";
import { type PullRequestRequest, prepareOnPullRequest } from "../command/on-pull-request.ts";
import { prepareStart } from "../command/start.ts";
import { canWrite, looksLikeBot, mayAsk } from "../command/who-may-ask.ts";
import type { CommentTrigger, LabelTrigger, Trigger } from "./parse-delivery.ts";

/** What a trigger means by the code host's present state. `marker` names the one comment that an answer becomes. */
export type Meaning =
  | { readonly kind: "nothing"; readonly reason: string }
  | { readonly kind: "answer"; readonly marker: string; readonly text: string }
  | { readonly kind: "command"; readonly command: Command };

/** Asks the code host who and what; has no effect there. */
export async function interpret(host: CodeHost, trigger: Trigger, label: string): Promise<Meaning> {
  return trigger.kind === "label"
    ? interpretLabel(host, trigger, label)
    : interpretComment(host, trigger, label);
}

async function interpretLabel(
  host: CodeHost,
  trigger: LabelTrigger,
  label: string,
): Promise<Meaning> {
  if (looksLikeBot(trigger.sender)) return nothing("sent by a bot");
  const { labels } = await host.issue(trigger.issueNumber);
  if (!labels.some((name) => isSameLabel(name, label))) return nothing("label taken off again");
  const permission = await host.permission(trigger.sender.login);
  if (canWrite(permission)) return start(host, trigger, label);
  // An outsider's issue can get the label from a template: nobody waits for an answer then.
  return permission === "triage" ? notAllowed(host, trigger) : nothing("no write access");
}

async function interpretComment(
  host: CodeHost,
  trigger: CommentTrigger,
  label: string,
): Promise<Meaning> {
  if (looksLikeBot(trigger.sender)) return nothing("sent by a bot");
  const mention = parseMention(trigger.comment, host.mention);
  if (mention === undefined) return nothing("no mention");
  if (!(await mayAsk(host, trigger.sender))) return notAllowed(host, trigger);
  return interpretMention(host, trigger, mention, label);
}

async function interpretMention(
  host: CodeHost,
  trigger: CommentTrigger,
  mention: Mention,
  label: string,
): Promise<Meaning> {
  if (mention.verb === "start" && trigger.onPullRequest) {
    return answer(trigger, pullRequestAnswer(host.mention));
  }
  switch (mention.verb) {
    case "help":
      return answer(trigger, helpAnswer(host.mention, label));
    case "unknown":
      return answer(trigger, unknownAnswer(host.mention, label, mention.word));
    case "stop":
      return { kind: "command", command: { kind: "stop", ...who(host, trigger) } };
    case "start":
      return start(host, trigger, label, mention.instruction);
    case "verify":
    case "accept":
      return onPullRequest(host, trigger, mention);
  }
}

async function start(
  host: CodeHost,
  trigger: Trigger,
  label: string,
  instruction?: string,
): Promise<Meaning> {
  const request = {
    ...who(host, trigger),
    seen: trigger.seen,
    ...(instruction === undefined ? {} : { instruction }),
    ...(trigger.kind === "comment" ? { commentId: trigger.commentId } : {}),
  };
  const prepared = await prepareStart(host, request, label);
  if (prepared.kind === "answer") return answer(trigger, prepared.text);
  return { kind: "command", command: prepared };
}

async function onPullRequest(
  host: CodeHost,
  trigger: CommentTrigger,
  wanted: PullRequestRequest["wanted"],
): Promise<Meaning> {
  const { onPullRequest, commentId } = trigger;
  const request = { onPullRequest, commentId, wanted };
  const prepared = await prepareOnPullRequest(host, who(host, trigger), request);
  if (prepared.kind === "answer") return answer(trigger, prepared.text);
  return { kind: "command", command: prepared };
}

function who(host: CodeHost, trigger: Trigger) {
  const { meaningKey, issueNumber, sender } = trigger;
  return { meaningKey, issueNumber, repository: host.repository, requestedBy: sender.login };
}

/** One such answer a thread, however many ask. */
function notAllowed(host: CodeHost, trigger: Trigger): Meaning {
  const marker = `not-allowed-${trigger.repository.id}-${trigger.issueNumber}`;
  return { kind: "answer", marker, text: notAllowedAnswer(host.mention) };
}

function answer(trigger: Trigger, text: string): Meaning {
  return { kind: "answer", marker: `answer-${trigger.meaningKey}`, text };
}

function nothing(reason: string): Meaning {
  return { kind: "nothing", reason };
}

/** GitHub compares labels without regard to case. */
export function isSameLabel(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
