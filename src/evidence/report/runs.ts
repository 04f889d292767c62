import type { CommandRecord, Evidence } from "../evidence.ts";
import { codeBlock, details, inlineCode, list, table } from "./markdown.ts";

/** Every run, so that a person can repeat it. */
export function commands(all: readonly CommandRecord[], most: number): string {
  const rows = all.map((command) => [
    command.id,
    command.tree,
    inlineCode(command.command, 500),
    command.end === "exit" ? `exit ${command.exitCode}` : command.end,
    `${(command.durationMs / 1000).toFixed(1)} s`,
  ]);
  const note =
    "By Dunlin, each in a fresh sandbox without a network, which received only the patch.";
  const page = table(["run", "tree", "command", "end", "time"], rows, most);
  return `### What was run\n\n${note}\n\n${page}`;
}

export function log(command: CommandRecord): string {
  const body = `${codeBlock(command.logTail, 3000)}\n\nWhole log: \`sha256:${command.logSha256}\``;
  return details(`Log of ${command.id} (${command.tree}), its last part`, body);
}

/** Digests, tools, model and cost. */
export function provenance(evidence: Evidence): string {
  const { isolation } = evidence;
  const place = `${isolation.provider}/${isolation.runtime}`;
  const rows = [
    ["base", inlineCode(evidence.baseSha)],
    ["head", inlineCode(evidence.headSha)],
    ["patch", inlineCode(`sha256:${evidence.patchSha256}`)],
    ["sandbox", `${inlineCode(place)}, image ${inlineCode(isolation.imageDigest)}`],
    ["tools", inlineCode(`Node ${evidence.nodeVersion ?? "unknown"}, ${evidence.packageManager}`)],
    ...author(evidence),
    ["run", inlineCode(evidence.runId)],
  ];
  return `### Where it comes from\n\n${table(["what", "value"], rows)}`;
}

/** Who made the change: a model, or people who asked for evidence. */
function author({ model, pullRequest }: Evidence): readonly (readonly string[])[] {
  const asked =
    pullRequest === null
      ? []
      : [["asked for by", `${inlineCode(pullRequest.requestedBy)} on #${pullRequest.number}`]];
  if (model === null) return [["model", "none took part"], ...asked];
  const { input, cachedInput, output } = model.tokens;
  const tokens = `${input} in (${cachedInput} cached), ${output} out`;
  return [
    ["model", `${inlineCode(model.name)} at ${inlineCode(model.host)}`],
    ["cost", `$${model.costUsd.toFixed(4)}, ${model.turns} turns, tokens ${tokens}`],
    ...asked,
  ];
}

export function refusals({ refusals }: Evidence, most: number): string {
  if (refusals.length === 0) return "";
  const rows = refusals.map((refusal) => [
    inlineCode(`${refusal.host}:${refusal.port}`),
    inlineCode(refusal.reason),
    inlineCode(refusal.command),
    String(refusal.count),
  ]);
  const times = refusals.reduce((sum, { count }) => sum + count, 0);
  return `### Blocked requests (${times})\n\n${table(["to", "why", "during", "times"], rows, most)}`;
}

export function limits({ limitsHit }: Evidence, most: number): string {
  if (limitsHit.length === 0) return "";
  const rows = limitsHit.map((limit) => inlineCode(limit));
  return `### Limits reached\n\n${list(rows, most)}`;
}

/** First on the page: new packages ran together with the tests that judge the patch. */
export function dependencies({ dependencies }: Evidence, most: number): string {
  if (dependencies.length === 0) return "";
  const rows = dependencies.map(({ name, from, to, path }) => [
    inlineCode(name),
    from === null ? "(none)" : inlineCode(from),
    to === null ? "(none)" : inlineCode(to),
    inlineCode(path),
  ]);
  const note =
    "They were installed anew before the head's tests and ran together with them: look at each before you trust a result.";
  const page = table(["package", "before", "after", "in"], rows, most);
  return `### Changed dependencies (${rows.length})\n\n${note}\n\n${page}`;
}
