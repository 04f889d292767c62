import { PROXY_PORT } from "./wire/message.ts";

/** `files` is a further place that a registry sends its clients to; no client is pointed at it. */
export type RegistryKind = "npm" | "pip" | "go" | "cargo" | "maven" | "files";

/** A place that packages come from; Dunlin speaks TLS with it and adds what it asks for. */
export type Registry = {
  /** Its folder at the gateway: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly kind: RegistryKind;
  /** Ends with `/` and holds no credential. Nothing outside of this prefix is reachable. */
  readonly url: string;
  /** Where its clients begin, below `url`: `simple/` for pip. */
  readonly entry?: string;
  /** For npm: only packages of this scope (`@acme`) come from here. */
  readonly scope?: string;
};

/** What an operator's registry asks for: the header goes with requests below `url` and with no other. */
export type RegistryCredential = { readonly url: string; readonly authorization: string };

/** Where a sandbox finds its registries, each in the folder of its name; plain HTTP that never leaves the sandbox. */
export const GATEWAY = `http://127.0.0.1:${PROXY_PORT}`;

export type RegistryDecision =
  | { readonly allowed: true; readonly registry: Registry; readonly url: string }
  | { readonly allowed: false; readonly status: 400 | 403 | 404 | 405; readonly reason: string };

/** Judges a request at the gateway. `path` begins with `/` and a registry's name; a query is part of it. */
export function decideRegistryRequest(
  registries: readonly Registry[],
  { method, path }: { readonly method: string; readonly path: string },
): RegistryDecision {
  const [, name = "", rest = ""] = /^\/([a-z0-9-]+)(?:\/|$)(.*)$/s.exec(path) ?? [];
  const registry = registries.find((one) => one.name === name);
  if (registry === undefined) {
    return refuse(404, "There is no such registry here; the operator names them all.");
  }
  if (method !== "GET" && method !== "HEAD") {
    return refuse(405, `Registries are for reading: ${method} is not allowed, GET and HEAD are.`);
  }
  const url = URL.parse(registry.url + rest);
  if (url === null) return refuse(400, "The path makes no address.");
  url.hash = "";
  if (!url.href.startsWith(registry.url) || climbs(rest)) {
    return refuse(403, `The path leads out of ${registry.url}.`);
  }
  return { allowed: true, registry, url: url.href };
}

/** Judges where a registry sends a request on to: only to what is listed, be it the same host or another. */
export function decideRedirect(
  registries: readonly Registry[],
  from: string,
  location: string,
): RegistryDecision {
  const url = URL.parse(location, from);
  if (url === null) return refuse(400, "A redirect leads to no address.");
  url.hash = "";
  const registry = registries.find((one) => url.href.startsWith(one.url));
  if (registry === undefined || climbs(url.pathname)) {
    return refuse(403, `A redirect leads to ${url.origin}, outside of the listed registries.`);
  }
  return { allowed: true, registry, url: url.href };
}

/** The credential for an address: the one whose prefix is the longest. */
export function credentialFor(
  credentials: readonly RegistryCredential[],
  address: string,
): string | undefined {
  return credentials
    .filter(({ url }) => address.startsWith(url))
    .toSorted((a, b) => b.url.length - a.url.length)[0]?.authorization;
}

/** Whether an answer holds addresses that its client follows, so that they have to lead back to the gateway. */
export function holdsAddresses({ kind }: Registry, url: string, contentType: string): boolean {
  switch (kind) {
    case "npm":
      return contentType.includes("json");
    case "pip":
      return contentType.includes("json") || contentType.includes("html");
    case "cargo":
      return new URL(url).pathname.endsWith("/config.json");
    default:
      return false;
  }
}

const ASKED = ["accept", "if-none-match", "if-modified-since", "user-agent"];
const ANSWERED = [
  "content-type",
  "content-length",
  "content-encoding",
  "etag",
  "last-modified",
  "cache-control",
  "retry-after",
];

/** The headers of a sandbox's request that a registry gets to see: no credential of the sandbox's own making. */
export function askedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = pick(ASKED, headers);
  const gzip = /\bgzip\b/.test(headers["accept-encoding"] ?? "");
  return { ...kept, "accept-encoding": gzip ? "gzip" : "identity" };
}

/** The headers of a registry's answer that a sandbox gets to see. */
export function answeredHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  return pick(ANSWERED, headers);
}

function pick(
  names: readonly string[],
  headers: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (typeof value === "string" && /^[\x20-\x7e]{1,4096}$/.test(value)) picked[name] = value;
  }
  return picked;
}

/** A server that decodes a path before it looks at it must not find `..` in it, however often it was encoded. */
function climbs(path: string): boolean {
  let text = path.replace(/[?#].*$/s, "");
  for (let depth = 0; depth < 4; depth += 1) {
    if (/(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(text)) return true;
    text = text.replace(/%(2[ef5]|5c)/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  return false;
}

function refuse(
  status: 400 | 403 | 404 | 405,
  reason: string,
): Extract<RegistryDecision, { allowed: false }> {
  return { allowed: false, status, reason };
}
