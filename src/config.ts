import { z } from "zod";
import { Failure } from "./errors.ts";

const text = z.string().trim();
const number = (least: number) =>
  z.coerce.number("must be a number").min(least, `must be ${least} or more`);
const whole = (least: number) => number(least).int("must be a whole number");
const money = number(0);
const flag = z.enum(["0", "1"], "must be 0 or 1").transform((value) => value === "1");
const url = z.url({ protocol: /^https?$/, error: "must be an address like https://HOST" });
const list = text.transform((value) => value.split(",").flatMap((part) => part.trim() || []));

const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;

type Variable = {
  readonly about: string;
  readonly schema: z.ZodType;
  /** Shown in the table and used when the variable is absent or empty. */
  readonly default?: string;
};

const SANDBOXES = ["docker", "microvm", "bubblewrap"] as const;

/** Every setting of the operator: the README's table is checked against this one. */
export const VARIABLES = {
  GITHUB_APP_ID: { about: "The App's id", schema: whole(1) },
  GITHUB_APP_PRIVATE_KEY: { about: "The App's private key (PEM)", schema: text },
  GITHUB_APP_PRIVATE_KEY_FILE: { about: "A file that holds it, instead", schema: text },
  GITHUB_WEBHOOK_SECRET: {
    about: "Signs the deliveries; at least 16 characters",
    schema: z.string().min(16, "needs at least 16 characters; make one with: openssl rand -hex 32"),
  },
  GITHUB_WEBHOOK_SECRET_OLD: {
    about: "The previous secret, also accepted while you change it",
    schema: z.string().min(16, "needs at least 16 characters"),
  },
  GITHUB_API_URL: {
    about: "For GitHub Enterprise Server: `https://HOST/api/v3`",
    schema: url,
    default: "https://api.github.com",
  },
  HOST: { about: "Address to listen on", schema: text, default: "127.0.0.1" },
  PORT: { about: "Port to listen on", schema: whole(0), default: "3000" },
  DUNLIN_PUBLIC_URL: {
    about:
      "Address at which people reach this server, for links to evidence; without it there are none",
    schema: url,
  },
  DUNLIN_SIGNING_KEY_FILE: {
    about:
      "The Ed25519 key (PEM) that evidence is signed with; otherwise one is made in the data folder",
    schema: text,
  },
  DUNLIN_LABEL: { about: "The label that starts a run", schema: text, default: "dunlin" },
  OPENAI_API_KEY: { about: "Key of the model server", schema: text },
  OPENAI_BASE_URL: {
    about: "Any server that speaks Chat Completions",
    schema: url,
    default: "https://api.openai.com/v1",
  },
  DUNLIN_MODEL: { about: "Name of the model", schema: text, default: "gpt-5" },
  DUNLIN_CONTEXT_TOKENS: {
    about: "Context window of the model, in tokens",
    schema: whole(8_000),
    default: "128000",
  },
  DUNLIN_INPUT_USD: { about: "Price of a million input tokens, if not known", schema: money },
  DUNLIN_OUTPUT_USD: { about: "Price of a million output tokens, if not known", schema: money },
  DUNLIN_RUN_USD: { about: "Most a run may cost", schema: money, default: "3" },
  DUNLIN_RUN_TOKENS: { about: "Most tokens of a run", schema: whole(1), default: "2500000" },
  DUNLIN_RUN_TURNS: { about: "Most turns of a run", schema: whole(1), default: "80" },
  DUNLIN_RUN_MINUTES: { about: "Most minutes of a run", schema: whole(1), default: "45" },
  DUNLIN_REPOSITORY_DAY_USD: {
    about: "Most that a repository's runs may cost in a day (UTC)",
    schema: money,
    default: "20",
  },
  DUNLIN_DAY_USD: {
    about: "Most that all runs may cost in a day (UTC)",
    schema: money,
    default: "50",
  },
  DUNLIN_QUEUE: { about: "Most open runs of a repository", schema: whole(1), default: "10" },
  DUNLIN_PARALLEL: { about: "Runs at once", schema: whole(1), default: "2" },
  DATABASE_URL: {
    about: "A Postgres of your own; otherwise an embedded one",
    schema: z.url({
      protocol: /^postgres(ql)?$/,
      error: "must be an address like postgres://USER:PASSWORD@HOST/DATABASE",
    }),
  },
  DUNLIN_DATA_DIR: {
    about:
      "Where everything is kept; otherwise `/var/lib/dunlin` for root, `~/.local/share/dunlin` for others",
    schema: text.regex(/^(?!\/+(proc|sys)(\/|$))/, "must be on a disk, not below /proc or /sys"),
  },
  DUNLIN_REGISTRIES: {
    about:
      "Registries that installs may read, with commas: `https://HOST/` for npm, `pip=`, `go=`, `cargo=`, `maven=` and an address, `files=` for where they lead, `connect=HOST:PORT` for a tunnel; otherwise those npm is configured with",
    schema: list,
  },
  DUNLIN_SANDBOX: {
    about: "What makes sandboxes: `docker`, `microvm` or `bubblewrap`",
    schema: z.enum(SANDBOXES, `must be one of ${SANDBOXES.join(", ")}`),
    default: "docker",
  },
  DUNLIN_RUNTIME: {
    about: "One container runtime (`runsc`, `runc`), instead of the best that works",
    schema: text,
  },
  DUNLIN_WEAK_SANDBOX: {
    about: "`1` allows plain runc, which has known escapes",
    schema: flag,
    default: "0",
  },
  DUNLIN_IMAGES: {
    about:
      "Sandbox images that a repository may choose, the first when it says nothing: Dunlin's own, or references such as `debian:12`",
    schema: list.refine((names) => names.length > 0, "must name an image"),
    default: "node,node-22,node-20,python,go,rust,java,plain",
  },
  DUNLIN_CPUS: {
    about: "Processors of a sandbox; otherwise 2, or all where there are fewer",
    schema: number(0.1),
  },
  DUNLIN_MEMORY_MIB: { about: "Memory of a sandbox", schema: whole(256), default: "4096" },
  DUNLIN_PIDS: { about: "Processes of a sandbox", schema: whole(32), default: "512" },
  DUNLIN_WORKSPACE_MIB: { about: "Size of a workspace", schema: whole(64), default: "2048" },
  DUNLIN_POOL_SIZE: {
    about: "Containers that run empty and wait, so that a sandbox takes no time to start",
    schema: whole(0),
    default: "2",
  },
  DUNLIN_LOG: {
    about: "silent, error, warn, info or debug",
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`),
    default: "info",
  },
} satisfies Record<string, Variable>;

type Name = keyof typeof VARIABLES;
type Value<N extends Name> = z.output<(typeof VARIABLES)[N]["schema"]>;
type WithDefault = {
  [N in Name]: (typeof VARIABLES)[N] extends { default: string } ? N : never;
}[Name];

/** The settings by their names; those without a default are undefined when not set. */
export type Config = { readonly [N in WithDefault]: Value<N> } & {
  readonly [N in Exclude<Name, WithDefault>]?: Value<N> | undefined;
};

const NEEDED_TO_SERVE = ["GITHUB_APP_ID", "GITHUB_WEBHOOK_SECRET"] as const;

/** Throws one `invalid-request/config` that names every wrong variable, so that nobody has to fix them one by one. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    const given = env[name]?.trim() ? env[name] : variable.default;
    if (given === undefined) continue;
    const parsed = variable.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name}: ${parsed.error.issues[0]?.message ?? "is not valid"}`);
  }
  problems.push(...unknownNames(env));
  if (problems.length > 0) throw wrong(problems);
  return values as Config;
}

const HINTS: Readonly<Record<string, string>> = {
  GITHUB_WEBHOOK_SECRET: "; make one with: openssl rand -hex 32",
  OPENAI_API_KEY: "; a model server of your own (OPENAI_BASE_URL) may need none",
};

/** The same, and there is a model to ask. */
export function readRunConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const config = readConfig(env);
  if (lacksModelKey(config)) throw wrong([notSet("OPENAI_API_KEY")]);
  return config;
}

function lacksModelKey(config: Config): boolean {
  const isDefault = config.OPENAI_BASE_URL === VARIABLES.OPENAI_BASE_URL.default;
  return isDefault && config.OPENAI_API_KEY === undefined;
}

function notSet(name: string): string {
  return `${name}: is not set${HINTS[name] ?? ""}`;
}

/** The same, and all that a server needs is there. */
export function readServerConfig(env: Readonly<Record<string, string | undefined>>) {
  const config = readConfig(env);
  const missing: string[] = NEEDED_TO_SERVE.filter((name) => config[name] === undefined);
  if (
    config.GITHUB_APP_PRIVATE_KEY === undefined &&
    config.GITHUB_APP_PRIVATE_KEY_FILE === undefined
  ) {
    missing.push("GITHUB_APP_PRIVATE_KEY_FILE (or GITHUB_APP_PRIVATE_KEY)");
  }
  if (lacksModelKey(config)) missing.push("OPENAI_API_KEY");
  if (missing.length > 0) throw wrong(missing.map(notSet));
  return config as Config & {
    readonly [N in (typeof NEEDED_TO_SERVE)[number]]: NonNullable<Config[N]>;
  };
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("DUNLIN_") && !(name in VARIABLES))
    .map((name) => `${name}: there is no such setting`);
}

function wrong(problems: readonly string[]): Failure {
  const lines = problems.map((problem) => `  ${problem}`).join("\n");
  return new Failure(
    "invalid-request",
    "config",
    `Set these environment variables right:\n${lines}`,
  );
}
