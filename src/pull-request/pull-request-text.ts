import type { Evidence } from "../evidence/evidence.ts";
import type { Part } from "../evidence/report/markdown.ts";
import { fitParts } from "../evidence/report/markdown.ts";
import { reportParts, verdictLine } from "../evidence/report/report.ts";
import { plainText } from "./plain-text.ts";
import { sanitizeMarkdown } from "./sanitize.ts";

/** What the model said when it submitted; untrusted, and never evidence. */
export type Submission = {
  readonly rootCause: string;
  readonly summary: string;
  readonly risks: string;
};

export type PullRequestText = {
  /** Null for a local run. */
  readonly issueNumber: number | null;
  readonly issueTitle: string;
  readonly submission: Submission;
  readonly evidence: Evidence;
};

const MAX_BODY = 60_000;
const MAX_TITLE = 200;
const MAX_SUBJECT = 72;

/** The issue's title, not the model's words; at most 200 characters. */
export function pullRequestTitle(issueTitle: string): string {
  return `Fix: ${plainText(issueTitle, MAX_TITLE - 5) || "reported issue"}`;
}

/**
 * The body, at most 60,000 characters: the verdict first, then what the model says, marked as such, then the evidence.
 * The one closing keyword in it is Dunlin's own: the issue closes when a person merges.
 */
export function pullRequestBody(text: PullRequestText): string {
  const { evidence, issueNumber } = text;
  const opening: readonly Part[] = [
    { rank: 0, text: verdictLine(evidence) },
    { rank: 0, text: issueNumber === null ? "" : `Fixes #${issueNumber}` },
    { rank: 0, text: "A draft by Dunlin. Nothing here was merged or approved; a person decides." },
  ];
  const report = reportParts(evidence);
  const first = report.filter((part) => part.rank === 0);
  const rest = report.filter((part) => part.rank > 0);
  return fitParts([...opening, ...first, said(text.submission), ...rest], MAX_BODY);
}

/** Quoted line by line, so that it can't pass for a part of the report. */
function said({ rootCause, summary, risks }: Submission): Part {
  const parts = [
    section("Root cause", rootCause, 3000),
    section("Change", summary, 4000),
    section("Risks", risks, 2000),
  ];
  const quoted = parts.filter((part) => part !== "").join("\n\n");
  const lines = quoted.split("\n").map((line) => (line === "" ? ">" : `> ${line}`));
  const text =
    quoted === "" ? "" : `### What the model says\n\nNot checked by Dunlin.\n\n${lines.join("\n")}`;
  return { rank: 1, text };
}

function section(title: string, text: string, maxLength: number): string {
  const clean = sanitizeMarkdown(text, maxLength);
  return clean === "" ? "" : `**${title}**\n\n${clean}`;
}

/** The message of the one commit; its trailer is Dunlin's own. */
export function commitMessage({ issueTitle, submission, evidence }: PullRequestText): string {
  const subject = plainText(issueTitle, MAX_SUBJECT - 5) || "reported issue";
  const paragraphs = [
    `Fix: ${subject}`,
    plainText(submission.summary, 500),
    `Dunlin-Run: ${plainText(evidence.runId, 200)}`,
  ];
  return `${paragraphs.filter((paragraph) => paragraph !== "").join("\n\n")}\n`;
}
