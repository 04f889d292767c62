/** The guest's first frame. The host refuses another version. */
export type Hello = { readonly version: number };

export const WIRE_VERSION = 4;

/**
 * Payload of the host's `keep`, on stream 0: the guest is to live on without its host, but no longer than this from
 * now. Who sends the token, as bare bytes at any place of the stream, takes over: what ran is ended, all streams are
 * gone, and the guest answers with the token, as bare bytes, and a new `hello`.
 */
export type Keep = {
  /** `TOKEN_BYTES` in hexadecimal. */
  readonly token: string;
  readonly lifetimeMs: number;
};

/** Payload of the host's `open`: run one command. Its output comes as `data` with the descriptor as first byte. */
export type ExecRequest = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether `data` and `end` follow for its standard input; else it reads nothing. */
  readonly stdin: boolean;
  readonly timeoutMs: number;
};

/**
 * Payload of the host's `open`: show the folder `bind` at the folder `at`, too. The guest does it as itself, which a
 * kernel allows that is the sandbox's own (gVisor's); the answer is a `result`.
 */
export type BindRequest = { readonly bind: string; readonly at: string };

/**
 * Payload of the host's `open`: make ready for a bind that comes before any command, or from now on always for the next
 * command. The answer is a `result`.
 */
export type Preparation = { readonly prepare: "bind" | "commands" };

/** Payload of the guest's `result`; sent when no process of the command is left and all output is out. */
export type ExecReport =
  | {
      readonly end: "exit" | "signal" | "timeout" | "killed";
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** The kernel ended a process of the sandbox for its memory meanwhile. */
      readonly outOfMemory: boolean;
    }
  | { readonly end: "not-started"; readonly reason: NotStarted; readonly detail: string };

/** A missing or unusable program is not among these: it ends with 127 or 126, as in a shell. */
export type NotStarted = "busy" | "no-such-folder" | "argument-too-long" | "no-process";

/** Payload of the guest's `open`: a process in the sandbox wants to reach this. */
export type EgressRequest = {
  /** `tunnel` came by CONNECT; `http` is one plain request. */
  readonly mode: "tunnel" | "http";
  readonly host: string;
  readonly port: number;
};

/** Payload of the guest's `open`: a process in the sandbox asks a registry at the gateway. There is never a body. */
export type RegistryRequest = {
  readonly mode: "registry";
  readonly method: string;
  /** Begins with `/`; a query is part of it. At most `MAX_REGISTRY_PATH` characters. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
};

export const MAX_REGISTRY_PATH = 4096;

/** Payload of the host's `opened` for a registry request: the answer's head. Its body follows as `data` and `end`. */
export type RegistryAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
};

/** The guest's HTTP proxy and its gateway to the registries, on the sandbox's own loopback. */
export const PROXY_PORT = 3128;

export function encodeMessage(
  message:
    | Hello
    | Keep
    | ExecRequest
    | BindRequest
    | Preparation
    | ExecReport
    | EgressRequest
    | RegistryRequest
    | RegistryAnswer,
): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** Throws when `payload` is no JSON; the shape is for the reader to check. */
export function decodeMessage(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
}
