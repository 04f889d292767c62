import type { Config } from "../config.ts";
import { readConfig } from "../config.ts";
import { Failure } from "../errors.ts";
import { originOf } from "../sandbox/egress.ts";
import { parseOrigin } from "../sandbox/egress-origin.ts";
import {
  createSandboxes,
  type EgressPolicy,
  type ProviderName,
  type Sandboxes,
  type SandboxInfo,
} from "../sandbox-sdk.ts";
import { type Environment, wrongUsage } from "./arguments.ts";

/** Marks what people made by hand, apart from what runs have made. */
export const BY_HAND = { "made-by": "dunlin sandbox" } as const;

export const PROVIDER_OPTIONS = {
  provider: { type: "string" },
  runtime: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export type Opened = { readonly sandboxes: Sandboxes; readonly config: Config };

/** The provider that the options and the environment name. */
export function openSandboxes(
  values: { readonly provider?: string | undefined; readonly runtime?: string | undefined },
  env: Environment,
  privateOrigins: readonly string[] = [],
): Opened {
  const config = readConfig(env);
  const { provider = config.DUNLIN_SANDBOX, runtime = config.DUNLIN_RUNTIME } = values;
  const sandboxes = createSandboxes({
    env,
    privateOrigins,
    allowWeak: config.DUNLIN_WEAK_SANDBOX,
    onProgress: (line) => process.stderr.write(`${line}\n`),
    // An unknown name is refused there.
    provider: provider as ProviderName,
    ...(runtime === undefined ? {} : { runtime }),
  });
  return { sandboxes, config };
}

const MAX_TRAFFIC_BYTES = 10 * 1024 ** 3;

/** Each `HOST:PORT`, and nothing else. */
export function readNet(nets: readonly string[]): EgressPolicy {
  if (nets.length === 0) return { mode: "none" };
  return { mode: "allow", origins: nets.map(readOrigin), maxBytes: MAX_TRAFFIC_BYTES };
}

function readOrigin(text: string): string {
  const target = parseOrigin(text.toLowerCase());
  if (target !== undefined) return originOf(target);
  return wrongUsage(
    `--net needs HOST:PORT, such as example.org:443, without a scheme, a path or a wildcard, and not "${text}".`,
    "sandbox run",
  );
}

/** Throws `invalid-request/no-reconnect` where no sandbox outlives the process that made it. */
export async function requireReconnect(sandboxes: Sandboxes): Promise<void> {
  const { capabilities, findings } = await sandboxes.probe();
  if (capabilities?.reconnect === true) return;
  throw new Failure(
    "invalid-request",
    "no-reconnect",
    `--keep needs sandboxes that outlive the program that made them, and those of the provider ${sandboxes.name} don't on this machine. ${findings.join(" ")}`.trim(),
  );
}

/** The one sandbox whose id begins so. */
export function findSandbox(all: readonly SandboxInfo[], id: string): SandboxInfo {
  const [found, other] = all.filter((sandbox) => id !== "" && sandbox.id.startsWith(id));
  if (found !== undefined && other === undefined) return found;
  const which = found === undefined ? "There is no sandbox" : "There are several sandboxes";
  throw new Failure(
    "invalid-request",
    "no-such-sandbox",
    `${which} whose id begins with "${id}". Look at dunlin sandbox ls.`,
  );
}
