import { addressKind } from "./address.ts";
import type { Registry } from "./egress-registry.ts";
import { PROXY_PORT } from "./wire/message.ts";

/** What a sandbox may reach. `none` refuses everything. */
export type EgressPolicy =
  | { readonly mode: "none" }
  | {
      readonly mode: "allow";
      /** `host:port` in lower case, exact matches only; reached by CONNECT or a plain request. */
      readonly origins: readonly string[];
      /** Reached at the gateway alone, for reading. */
      readonly registries?: readonly Registry[];
      /** Bytes both ways, all connections together; the rest is refused. */
      readonly maxBytes: number;
    };

/** A refused connection or request, shown to the reviewer. `command` is what ran in the sandbox at that moment. */
export type EgressRefusal = {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
  readonly command: string;
  /** How often. */
  readonly count: number;
};

export type Target = { readonly host: string; readonly port: number };

export type EgressDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string };

const ALLOWED: EgressDecision = { allowed: true };
const MAX_REFUSALS = 200;

/** `host:port` in the notation of a policy's origins. */
export function originOf({ host, port }: Target): string {
  const name = host.toLowerCase().replace(/\.$/, "");
  return `${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** Judges a target by its name, before anything is resolved. `usedBytes` counts against the policy's bound. */
export function decideTarget(
  policy: EgressPolicy,
  target: Target,
  usedBytes: number,
): EgressDecision {
  if (policy.mode === "none") return refuse("The network is disabled in this phase.");
  const origin = originOf(target);
  if (!policy.origins.includes(origin)) return refuse(`${origin} is not on the allow-list.`);
  if (usedBytes >= policy.maxBytes) {
    return refuse(`The limit of ${policy.maxBytes} bytes of traffic is used up.`);
  }
  return ALLOWED;
}

/**
 * Judges what a target's name resolved to: every address, because any of them could be dialled. The operator's
 * `privateOrigins` may lie in a private network, but never at a link-local or metadata address.
 */
export function decideAddresses(
  target: Target,
  addresses: readonly string[],
  privateOrigins: readonly string[],
): EgressDecision {
  const origin = originOf(target);
  if (addresses.length === 0) return refuse(`${origin} has no address.`);
  const isExempt = privateOrigins.includes(origin);
  const bad = addresses.find((address) => {
    const kind = addressKind(address);
    return kind !== "public" && !(kind === "private" && isExempt);
  });
  if (bad === undefined) return ALLOWED;
  return refuse(`${origin} resolves to ${bad}, a ${addressKind(bad)} address.`);
}

/** Judges the server name of a TLS greeting: another one than the target would reach a neighbour on the same address. */
export function decideServerName(target: Target, serverName: string | null): EgressDecision {
  const host = target.host.toLowerCase().replace(/\.$/, "");
  const isAddress = addressKind(host) !== "invalid";
  if (serverName === null ? isAddress : serverName.toLowerCase() === host) return ALLOWED;
  return refuse(`The TLS server name ${serverName ?? "(none)"} is not ${host}.`);
}

/** `list` with one more refusal, cleaned of control characters; one that is there already is counted, too many are dropped. */
export function withRefusal(
  list: readonly EgressRefusal[],
  refusal: Omit<EgressRefusal, "count">,
): readonly EgressRefusal[] {
  const entry = {
    host: printable(refusal.host, 253),
    port: refusal.port,
    reason: printable(refusal.reason, 500),
    command: printable(refusal.command, 200),
    count: 1,
  };
  return sumRefusals(list, [entry]);
}

/** Two records of refusals as one. */
export function sumRefusals(
  list: readonly EgressRefusal[],
  more: readonly EgressRefusal[],
): readonly EgressRefusal[] {
  const sum = [...list];
  for (const entry of more) {
    const at = sum.findIndex((other) => isSameRefusal(other, entry));
    const known = sum[at];
    if (known !== undefined) sum[at] = { ...known, count: known.count + entry.count };
    else if (sum.length < MAX_REFUSALS) sum.push(entry);
  }
  return sum;
}

/** What came to a record since it read `before`. */
export function refusalsSince(
  before: readonly EgressRefusal[],
  now: readonly EgressRefusal[],
): readonly EgressRefusal[] {
  return now.flatMap((entry) => {
    const known = before.find((other) => isSameRefusal(other, entry))?.count ?? 0;
    return entry.count > known ? [{ ...entry, count: entry.count - known }] : [];
  });
}

function isSameRefusal(a: EgressRefusal, b: EgressRefusal): boolean {
  return a.host === b.host && a.port === b.port && a.reason === b.reason && a.command === b.command;
}

/** Variables that send a command's HTTP traffic through the sandbox's proxy; of no use while the policy is `none`. */
export function egressEnv(): Record<string, string> {
  const proxy = `http://127.0.0.1:${PROXY_PORT}`;
  const local = "localhost,127.0.0.1,::1";
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: local,
    http_proxy: proxy,
    https_proxy: proxy,
    no_proxy: local,
    NODE_USE_ENV_PROXY: "1",
    YARN_HTTP_PROXY: proxy,
    YARN_HTTPS_PROXY: proxy,
  };
}

function refuse(reason: string): EgressDecision {
  return { allowed: false, reason };
}

/** Printable ASCII only: names and command lines come from inside, and go to a log and a pull request. */
function printable(text: string, maxLength: number): string {
  const clean = text.replace(/[^\x21-\x7e]+/g, " ").trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 3)}...` : clean;
}
