import { GATEWAY, type Registry } from "./egress-registry.ts";

/** A file that leads a package manager to the gateway; `path` is below the home folder of the commands' user. */
export type ClientFile = { readonly path: string; readonly text: string };

/** Variables that lead each package manager to the gateway, as far as it listens to variables. */
export function registryEnv(registries: readonly Registry[]): Record<string, string> {
  return Object.assign({}, ...mainOnes(registries).map(envOf));
}

/** The rest of what package managers need: cargo, Maven and npm's scopes are configured by files alone. */
export function registryFiles(registries: readonly Registry[]): readonly ClientFile[] {
  const files = mainOnes(registries).flatMap(fileOf);
  const scopes = registries.flatMap((registry) =>
    registry.kind === "npm" && registry.scope !== undefined
      ? [`${registry.scope}:registry=${addressOf(registry)}\n`]
      : [],
  );
  return scopes.length === 0 ? files : [...files, { path: ".npmrc", text: scopes.join("") }];
}

/** The first of each kind: what its package manager asks unless told otherwise. */
function mainOnes(registries: readonly Registry[]): readonly Registry[] {
  const unscoped = registries.filter((registry) => registry.scope === undefined);
  return unscoped.filter(
    (registry, at) => unscoped.findIndex(({ kind }) => kind === registry.kind) === at,
  );
}

function addressOf({ name, entry = "" }: Registry): string {
  return `${GATEWAY}/${name}/${entry}`;
}

function envOf(registry: Registry): Record<string, string> {
  const address = addressOf(registry);
  switch (registry.kind) {
    case "npm":
      return {
        npm_config_registry: address,
        // Lock files name the registry that they were written with.
        npm_config_replace_registry_host: "always",
        pnpm_config_registry: address,
        YARN_REGISTRY: address,
        YARN_NPM_REGISTRY_SERVER: address,
        YARN_UNSAFE_HTTP_WHITELIST: "127.0.0.1",
      };
    case "pip":
      return { PIP_INDEX_URL: address, PIP_DISABLE_PIP_VERSION_CHECK: "1" };
    case "go":
      return { GOPROXY: address.replace(/\/$/, "") };
    default:
      return {};
  }
}

function fileOf(registry: Registry): readonly ClientFile[] {
  const address = addressOf(registry);
  switch (registry.kind) {
    case "cargo":
      return [{ path: ".cargo/config.toml", text: cargoConfig(address) }];
    case "maven":
      return [{ path: ".m2/settings.xml", text: mavenSettings(address) }];
    default:
      return [];
  }
}

function cargoConfig(address: string): string {
  return `[source.crates-io]
replace-with = "dunlin"

[source.dunlin]
registry = "sparse+${address}"
`;
}

function mavenSettings(address: string): string {
  return `<settings>
  <mirrors>
    <mirror><id>dunlin</id><mirrorOf>*</mirrorOf><url>${address}</url></mirror>
  </mirrors>
</settings>
`;
}
