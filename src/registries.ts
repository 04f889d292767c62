import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { Failure } from "./errors.ts";
import { parseOrigin } from "./sandbox/egress-origin.ts";
import type { Registry, RegistryCredential, RegistryKind } from "./sandbox/egress-registry.ts";

const run = promisify(execFile);

/** Where dependencies come from. */
export type Registries = {
  /** Read at the gateway; no address holds a credential. */
  readonly registries: readonly Registry[];
  /** `host:port`, reached by CONNECT. */
  readonly origins: readonly string[];
  /** For the host half of the wire only. */
  readonly credentials: readonly RegistryCredential[];
  /** What must never be published: the credentials in the forms they were given in. */
  readonly secrets: readonly string[];
};

/** One place as the operator named it, taken apart. */
type Place = {
  readonly kind: RegistryKind;
  readonly url: URL;
  readonly scope?: string;
  readonly authorization?: string;
  readonly secrets: readonly string[];
};

const PLACE =
  /^(?:(?<kind>npm|pip|go|cargo|maven|files)(?:(?<scope>@[\w.~-]+))?=)?(?<address>.*)$/s;
const TUNNEL = "connect=";

/**
 * The operator's list, else the registries that npm is configured with on this machine, its scopes and credentials
 * included. `env` fills the variables in npm's files. An entry is `[KIND[@SCOPE]=]ADDRESS` (npm without a kind) or `connect=HOST:PORT`; `USER:PASSWORD@` or
 * `TOKEN@` in an address is its credential. Throws `invalid-request` (`registry`, `no-registry`).
 */
export async function findRegistries(
  listed: readonly string[] | undefined,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Registries> {
  const tunnels = (listed ?? []).filter((entry) => entry.startsWith(TUNNEL));
  const places =
    listed === undefined
      ? await configuredPlaces(env)
      : listed.filter((entry) => !tunnels.includes(entry)).map(placeOf);
  const registries = places.map((place, at) => registryOf(place, placeName(places, at)));
  return {
    registries,
    origins: tunnels.map(tunnelOf),
    credentials: places.flatMap(({ authorization }, at) => {
      const url = registries[at]?.url;
      return authorization === undefined || url === undefined ? [] : [{ url, authorization }];
    }),
    secrets: places.flatMap(({ secrets }) => secrets),
  };
}

function placeOf(entry: string): Place {
  const { kind = "npm", scope, address = "" } = PLACE.exec(entry)?.groups ?? {};
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || (scope !== undefined && kind !== "npm")) {
    throw new Failure(
      "invalid-request",
      "registry",
      `"${entry.replace(/\/\/[^@/]*@/, "//")}" names no registry. Set DUNLIN_REGISTRIES to addresses that begin with https://, with pip=, go=, cargo=, maven= or files= before those that are not npm's.`,
    );
  }
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  return {
    kind: kind as RegistryKind,
    url,
    ...(scope === undefined ? {} : { scope }),
    ...(user === "" || user === undefined ? { secrets: [] } : credentialOf(user, password ?? "")),
  };
}

function credentialOf(user: string, password: string): Pick<Place, "authorization" | "secrets"> {
  if (password === "") return { authorization: `Bearer ${user}`, secrets: [user] };
  const basic = Buffer.from(`${user}:${password}`).toString("base64");
  return { authorization: `Basic ${basic}`, secrets: [password, basic] };
}

function placeName(places: readonly Place[], at: number): string {
  const kind = places[at]?.kind ?? "files";
  const before = places.slice(0, at).filter((place) => place.kind === kind).length;
  return before === 0 ? kind : `${kind}-${before + 1}`;
}

function registryOf({ kind, url, scope }: Place, name: string): Registry {
  const all = `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
  // What pip's index links to lies beside it.
  const entry = kind === "pip" && all.endsWith("/simple/") ? "simple/" : undefined;
  return {
    name,
    kind,
    url: entry === undefined ? all : all.slice(0, -entry.length),
    ...(entry === undefined ? {} : { entry }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function tunnelOf(entry: string): string {
  const origin = entry.slice(TUNNEL.length).toLowerCase();
  if (parseOrigin(origin) !== undefined) return origin;
  throw new Failure(
    "invalid-request",
    "registry",
    `"${entry}" names no host and port. Write it in DUNLIN_REGISTRIES as connect=HOST:PORT.`,
  );
}

async function configuredPlaces(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Place[]> {
  const [registry, ...files] = await askNpm(["registry", "globalconfig", "userconfig"]);
  const settings = new Map<string, string>();
  for (const file of files) {
    for (const [name, value] of readNpmrc(await readFile(file, "utf8").catch(() => ""), env)) {
      settings.set(name, value);
    }
  }
  const scopes = [...settings].flatMap(([name, value]) => {
    const scope = /^(@[\w.~-]+):registry$/.exec(name)?.[1];
    return scope === undefined ? [] : [`npm${scope}=${value}`];
  });
  return [registry ?? "", ...scopes]
    .map(placeOf)
    .map((place) => withNpmCredential(place, settings));
}

async function askNpm(names: readonly string[]): Promise<readonly string[]> {
  try {
    const { stdout } = await run("npm", ["config", "get", ...names], { cwd: "/" });
    return names.map((name) => new RegExp(`^${name}=(.*)$`, "m").exec(stdout)?.[1]?.trim() ?? "");
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "no-registry",
      "npm doesn't say which registry it uses. Set DUNLIN_REGISTRIES to the registries that installs may reach.",
      { cause },
    );
  }
}

/** The lines of an `.npmrc`; one that needs a variable which isn't set is left out. */
function readNpmrc(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^\s*([^#;=\s][^=]*?)\s*=\s*"?(.*?)"?\s*$/.exec(line) ?? [];
    const missing = [...value.matchAll(/\$\{(\w+)\}/g)].some(([, key = ""]) => !env[key]);
    if (name === undefined || missing) continue;
    settings.set(
      name,
      value.replace(/\$\{(\w+)\}/g, (_, key: string) => env[key] ?? ""),
    );
  }
  return settings;
}

/** As npm does it: the settings of the longest part of the address that has any. */
function withNpmCredential(place: Place, settings: ReadonlyMap<string, string>): Place {
  if (place.authorization !== undefined) return place;
  const parts = `${place.url.host}${place.url.pathname}`.replace(/\/*$/, "").split("/");
  for (let length = parts.length; length > 0; length -= 1) {
    const key = `//${parts.slice(0, length).join("/")}/`;
    const get = (name: string) => settings.get(`${key}:${name}`);
    const token = get("_authToken");
    if (token !== undefined) return { ...place, ...credentialOf(token, "") };
    const basic = get("_auth");
    if (basic !== undefined) return { ...place, authorization: `Basic ${basic}`, secrets: [basic] };
    const [user, password] = [get("username"), get("_password")];
    if (user === undefined || password === undefined) continue;
    return { ...place, ...credentialOf(user, Buffer.from(password, "base64").toString()) };
  }
  return place;
}
