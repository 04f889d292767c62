import {
  decideAddresses,
  decideServerName,
  decideTarget,
  type EgressPolicy,
  type EgressRefusal,
  withRefusal,
} from "../../../../src/sandbox/egress.ts";
import type { ExecOptions, ExecResult } from "../../../../src/sandbox/sandbox.ts";
import type { Attempt } from "../../egress-client.ts";
import type { Outside } from "../../outside.ts";

/** Judges and dials as a host does; what the suite's client would find in a sandbox is worked out here. */
export class HonestEgress {
  policy: EgressPolicy = { mode: "none" };
  refusals: readonly EgressRefusal[] = [];
  #usedBytes = 0;
  readonly #outside: Outside;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  setPolicy(policy: EgressPolicy): void {
    this.policy = policy;
    this.#usedBytes = 0;
  }

  /** Answers for the client that a law runs in a sandbox. */
  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const attempts = JSON.parse(argv[3] ?? "[]") as readonly Attempt[];
    const lines: string[] = [];
    for (const one of attempts) lines.push(JSON.stringify(await this.#make(one, argv, options)));
    return answered(`${lines.join("\n")}\n`);
  }

  async #make(one: Attempt, argv: readonly string[], options: ExecOptions): Promise<string> {
    if (one.do === "lookup" || one.do === "datagram") return "failed EAI_AGAIN";
    if (one.do === "dial") {
      return one.host === "127.0.0.1" ? "failed ECONNREFUSED" : "failed ENETUNREACH";
    }
    const target = targetOf(one);
    const reason = await this.#judge(target);
    if (reason !== undefined) {
      const refusal = { ...target, reason, command: argv.join(" ") };
      this.refusals = withRefusal(this.refusals, refusal);
      return `403 ${reason}`;
    }
    if (one.do !== "tls") return this.#answer(target, one, options);
    return decideServerName(target, one.name ?? null).allowed ? `secure ${one.name}` : "cut";
  }

  async #judge(target: Target): Promise<string | undefined> {
    const { dialler, privateOrigins } = this.#outside;
    const byName = decideTarget(this.policy, target, this.#usedBytes);
    if (!byName.allowed) return byName.reason;
    try {
      const isAddress = /^[\d.]+$|^0x/.test(target.host);
      const addresses = isAddress ? [target.host] : await dialler.resolve(target.host);
      const byAddress = decideAddresses(target, addresses, privateOrigins);
      if (!byAddress.allowed) return byAddress.reason;
      (await dialler.connect(addresses[0] ?? "", target.port)).destroy();
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  async #answer(target: Target, one: ByProxy, options: ExecOptions): Promise<string> {
    const { path } = target;
    if (path === "/open") {
      await options.onOutput?.({ fd: 2, data: Buffer.from("open\n") });
      return this.policy.mode === "none" ? "200 open" : "200 open, and nobody cuts it";
    }
    if (path === "/large" && this.policy.mode === "allow") {
      const bytes = Math.min(8 * 1024 ** 2, this.policy.maxBytes - this.#usedBytes);
      this.#usedBytes += bytes;
      return `200 ... and so on, ${bytes}`;
    }
    return `200 ${one.do === "get" && one.body !== undefined ? one.body : `${target.host}:${target.port} ${path}`}`;
  }
}

type ByProxy = Exclude<Attempt, { do: "lookup" | "datagram" | "dial" }>;
type Target = { readonly host: string; readonly port: number; readonly path: string };

function targetOf(one: ByProxy): Target {
  if (one.do !== "get") {
    const path = one.do === "tunnel" ? one.path : undefined;
    return { host: one.host.toLowerCase(), port: one.port, path: path ?? "/" };
  }
  const { hostname, port, pathname, search } = new URL(one.url);
  return { host: hostname, port: Number(port), path: pathname + search };
}

/** A command that ended well and said this. */
export function answered(out: string, rest: Partial<ExecResult> = {}): ExecResult {
  return {
    end: "exit",
    exitCode: rest.end === undefined ? 0 : null,
    signal: null,
    stdout: Buffer.from(out),
    stderr: new Uint8Array(),
    droppedBytes: 0,
    durationMs: 1,
    ...rest,
  };
}
