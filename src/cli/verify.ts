import { checkBundle } from "../attestation/check-bundle.ts";
import { unpackArchive } from "../attestation/host/archive.ts";
import { ED25519 } from "../attestation/host/ed25519.ts";
import { broken, holds, type Point } from "../attestation/point.ts";
import { Failure, toFailure } from "../errors.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { printable } from "../local/terminal.ts";
import { type Environment, readArguments, WRONG_USAGE, wrongUsage } from "./arguments.ts";
import { rerun } from "./verify-rerun.ts";
import { type Claim, loadBundle, loadKeys } from "./verify-source.ts";

const HELP = `dunlin verify: whether evidence can be believed, without asking who made it.

Usage
  dunlin verify BUNDLE --key FILE|URL [--rerun [--repository PATH|URL]] [--json]

  BUNDLE              An evidence.tar, its link, or a pull request: OWNER/NAME#5, https://HOST/OWNER/NAME/pull/5
                      (GITHUB_API_URL and GITHUB_TOKEN say how that is read)
  --key FILE|URL      Whom you believe: the signer's public key (PEM), or the list of them that its server has at
                      /.well-known/dunlin-keys.json
  --rerun             Also run all of it again, in sandboxes on this machine, and compare
  --repository PATH   With --rerun: the repository, instead of the one on github.com that the evidence names
  --provider NAME, --runtime NAME   With --rerun: what makes the sandboxes (see dunlin sandbox --help)
  --json              For programs

Exit codes
  0 confirmed   1 refused, and every reason is named   2 wrong usage or setting   3 it couldn't be checked
`;

const OPTIONS = {
  key: { type: "string" },
  rerun: { type: "boolean" },
  repository: { type: "string" },
  provider: { type: "string" },
  runtime: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const REFUSED = 1;
const NOT_CHECKED = 3;

/** Resolves with the exit code. */
export async function verify(args: readonly string[], env: Environment): Promise<number> {
  const { values, positionals } = readArguments("verify", args, OPTIONS);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [target, more] = positionals;
  if (target === undefined) wrongUsage("Say what to verify.", "verify");
  if (more !== undefined) wrongUsage(`"${more}" is one argument too many.`, "verify");
  const key = values.key ?? wrongUsage("Say whose key you believe, with --key.", "verify");
  if (values.repository !== undefined && values.rerun !== true) {
    wrongUsage("--repository goes with --rerun.", "verify");
  }
  try {
    const checked = await check(target, key, { ...values, env });
    return tell(checked, values.json === true);
  } catch (error) {
    const failure = toFailure(error);
    if (WRONG_USAGE.has(failure.code) || failure.kind === "bug") throw error;
    process.stderr.write(`dunlin: ${printable(failure.message)}\n`);
    return NOT_CHECKED;
  }
}

type Checked = { readonly points: readonly Point[]; readonly evidence?: Evidence };
type Wanted = {
  readonly rerun?: boolean;
  readonly repository?: string;
  readonly provider?: string;
  readonly runtime?: string;
  readonly env: Environment;
};

async function check(target: string, key: string, wanted: Wanted): Promise<Checked> {
  const keys = await loadKeys(key);
  const { bytes, claim } = await loadBundle(target, wanted.env);
  const files = await unpackArchive(bytes).catch((error: unknown) => {
    if (error instanceof Failure && error.code === "bundle-refused") return error.message;
    throw error;
  });
  if (typeof files === "string") return { points: [broken("archive", files)] };
  const bundle = checkBundle(files, { ...ED25519, keys });
  const { evidence, patch } = bundle;
  const points = [
    holds("archive", `${files.length} files, written as Dunlin writes them`),
    ...bundle.points,
    ...(claim && evidence ? [checkClaim(claim, evidence)] : []),
  ];
  const isSound = points.every((point) => point.holds);
  if (wanted.rerun !== true || !isSound || !evidence || !patch || !bundle.basis) {
    return { points, ...(evidence && { evidence }) };
  }
  const again = await rerun({ evidence, patch, basis: bundle.basis }, wanted);
  return { points: [...points, ...again], evidence };
}

/** A genuine bundle of another change proves nothing about this one. */
function checkClaim(claim: Claim, { repository, headSha }: Evidence): Point {
  if (repository.toLowerCase() !== claim.repository.toLowerCase()) {
    return broken("pull request", `The bundle is about ${repository}, not ${claim.repository}.`);
  }
  return headSha === claim.headSha
    ? holds("pull request", `its head is ${headSha}`)
    : broken("pull request", `Its head is ${claim.headSha}, but the bundle is about ${headSha}.`);
}

function tell({ points, evidence }: Checked, json: boolean): number {
  const refused = points.filter((point) => !point.holds);
  const result = refused.length === 0 ? "confirmed" : "refused";
  if (json) {
    const about = evidence && {
      repository: evidence.repository,
      baseSha: evidence.baseSha,
      headSha: evidence.headSha,
      verdict: evidence.verdict,
      runId: evidence.runId,
    };
    process.stdout.write(`${JSON.stringify({ result, evidence: about, points }, null, 2)}\n`);
  } else {
    const lines = points.map((point) => {
      return `${point.holds ? "✔" : "✘"} ${point.about}: ${point.detail}`;
    });
    process.stdout.write(printable(`${lines.join("\n")}\n\n${lastLine(refused, evidence)}\n`));
  }
  return refused.length === 0 ? 0 : REFUSED;
}

function lastLine(refused: readonly Point[], evidence: Evidence | undefined): string {
  if (refused.length > 0) {
    const abouts = [...new Set(refused.map(({ about }) => about))];
    return `Refused: ${abouts.join(", ")}.`;
  }
  return `Confirmed: ${evidence?.repository} at ${evidence?.headSha} is ${evidence?.verdict}.`;
}
