import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Failure } from "./errors.ts";

const run = promisify(execFile);

/** Where dependencies come from: what the egress policy allows and what a package manager is told. */
export type RegistryOrigins = {
  /** `host:port`. */
  readonly origins: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/**
 * The operator's list, else the registries that npm is configured with on this machine. Credentials in an address are
 * dropped: none may enter a sandbox.
 */
export async function findRegistries(
  listed: readonly string[] | undefined,
): Promise<RegistryOrigins> {
  const addresses = listed ?? (await configuredRegistries());
  const urls = addresses.map(withoutCredentials);
  const [first] = urls;
  return {
    origins: [...new Set(urls.map(hostAndPort))],
    env:
      first === undefined
        ? {}
        : { npm_config_registry: first.href, YARN_NPM_REGISTRY_SERVER: first.href },
  };
}

async function configuredRegistries(): Promise<readonly string[]> {
  try {
    const { stdout } = await run("npm", ["config", "get", "registry"], { cwd: "/" });
    return [stdout.trim()];
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "no-registry",
      "npm doesn't say which registry it uses. Set DUNLIN_REGISTRIES to the origins that installs may reach.",
      { cause },
    );
  }
}

function withoutCredentials(address: string): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Failure(
      "invalid-request",
      "registry",
      `"${address.replace(/\/\/[^@/]*@/, "//")}" is not the address of a registry. Set DUNLIN_REGISTRIES to addresses that begin with https://.`,
    );
  }
  url.username = "";
  url.password = "";
  return url;
}

function hostAndPort(url: URL): string {
  return `${url.hostname.toLowerCase()}:${url.port || (url.protocol === "http:" ? 80 : 443)}`;
}
