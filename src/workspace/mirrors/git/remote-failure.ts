import { Failure } from "../../../errors.ts";

type Rule = {
  readonly pattern: RegExp;
  readonly kind: "unavailable" | "not-permitted" | "invalid-request";
  readonly code: string;
  readonly message: string;
};

/** What git says, in the C locale, about the ways a remote fails; the first that matches counts. */
const RULES: readonly Rule[] = [
  {
    pattern: /not our ref|unadvertised object|couldn't find remote ref/i,
    kind: "invalid-request",
    code: "ref-not-found",
    message: "The commit is not in the repository any more. Push it again, then ask again.",
  },
  {
    pattern: /authentication failed|could not read (username|password)|error: 40[13]\b/i,
    kind: "not-permitted",
    code: "git-credentials-rejected",
    message:
      "The git host rejected Dunlin's credentials. Check that the App is installed on this repository and the clock is right.",
  },
  {
    pattern: /repository .*not found|error: 404\b|does not (exist|appear to be a git repository)/i,
    kind: "not-permitted",
    code: "repository-not-found",
    message: "The repository was not found. Check its address and that Dunlin may read it.",
  },
  {
    pattern: /transport '.*' not allowed|protocol '.*' is not supported/i,
    kind: "invalid-request",
    code: "git-protocol",
    message: "The repository's address must start with https:// or http://.",
  },
  {
    pattern: /unable to update url base from redirection|error: 30\d\b/i,
    kind: "invalid-request",
    code: "repository-moved",
    message: "The repository has moved to another address. Use the new address.",
  },
  {
    pattern:
      /fsck|unable to parse|malformed|inflate|bad pack|exceed(ed|ing) limit|attempting to allocate/i,
    kind: "invalid-request",
    code: "repository-unsafe",
    message:
      "The repository holds objects that git's own checks refuse. Run `git fsck` on it and repair what it names.",
  },
  {
    pattern:
      /GIT_TIMEOUT|could not resolve|failed to connect|connection|timed? ?out|too slow|early eof/i,
    kind: "unavailable",
    code: "git-unreachable",
    message: "The git host can't be reached. Dunlin tries again.",
  },
  {
    pattern: /error: (5\d\d|429)\b|rpc failed|hung up|unexpected disconnect|ssl|tls|curl/i,
    kind: "unavailable",
    code: "git-unreachable",
    message: "The git host did not answer properly. Dunlin tries again.",
  },
];

/** What a failed fetch or push means. `text` is git's own message; it goes to the log, never to a person. */
export function remoteFailure(text: string, cause: unknown): Failure {
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  const facts = { cause, details: { git: text.slice(-2000) } };
  if (rule !== undefined) return new Failure(rule.kind, rule.code, rule.message, facts);
  return new Failure("bug", "git-failed", "Git failed in an unknown way; the log has it.", facts);
}
