import { Failure } from "../errors.ts";
import { addressKind } from "./address.ts";
import type { EgressPolicy, Target } from "./egress.ts";

const LABEL = "(?!-)[a-z0-9_-]{1,63}(?<!-)";
const NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);
const MAX_PORT = 65_535;

/** The target that `host:port` names; undefined for what no request could ever match. */
export function parseOrigin(text: string): Target | undefined {
  const [, inner, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):([1-9]\d{0,4})$/.exec(text) ?? [];
  const host = inner ?? plain;
  const port = Number(digits);
  if (host === undefined || port > MAX_PORT) return undefined;
  const isAddress = addressKind(host) !== "invalid";
  // An address in another notation (`127.1`) passes for a name: what it resolves to is judged when it is dialled.
  const isName = inner === undefined && NAME.test(host);
  const isHost = isName || (isAddress && host.includes(":") === (inner !== undefined));
  return isHost ? { host, port } : undefined;
}

/**
 * An origin that no request can match would leave a command without its network, and a bound that is no number would
 * hold nothing. Throws `invalid-request/bad-egress`.
 */
export function checkEgress(policy: EgressPolicy): void {
  if (policy.mode === "none") return;
  checkOrigins(policy.origins);
  if (policy.maxBytes >= 0) return;
  throw badEgress(`maxBytes is ${policy.maxBytes}. Make it a number of bytes, from 0.`);
}

/** Throws `invalid-request/bad-egress`. */
export function checkOrigins(origins: readonly string[]): void {
  const wrong = origins.find((origin) => parseOrigin(origin) === undefined);
  if (wrong === undefined) return;
  throw badEgress(
    `"${wrong}" is no origin. Write HOST:PORT in lower case, such as example.org:443 or [2001:db8::1]:8080, without a scheme, a path or a wildcard.`,
  );
}

function badEgress(what: string): Failure {
  return new Failure("invalid-request", "bad-egress", `The network can't be opened so: ${what}`);
}
