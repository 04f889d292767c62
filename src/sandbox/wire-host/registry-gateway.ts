import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import type { EgressPolicy } from "../egress.ts";
import { createAddressRewriter } from "../egress-addresses.ts";
import {
  answeredHeaders,
  askedHeaders,
  decideRegistryRequest,
  GATEWAY,
  holdsAddresses,
  type Registry,
} from "../egress-registry.ts";
import { FRAME, type Frame } from "../wire/frame.ts";
import { encodeMessage, type RegistryRequest } from "../wire/message.ts";
import type { Channel, FrameHandler } from "./connection.ts";
import { Outflow } from "./outflow.ts";
import { type RegistryClient, RegistryRefused, targetOf } from "./registry-client.ts";

/** The longest that one answer may take, all of it. */
const ANSWER_MS = 15 * 60_000;
/** What a registry says with these may repeat the credential it was sent. */
const UNAUTHORIZED = [401, 403, 407];

export type RegistryGatewayOptions = {
  readonly client: RegistryClient;
  readonly policy: () => EgressPolicy;
  /** Counts bytes, both ways; returns why there may be no more, once there were too many. */
  readonly count: (bytes: number) => string | undefined;
  readonly record: (target: { readonly host: string; readonly port: number }, why: string) => void;
};

/** Answers what a sandbox asks its registries: one stream of the wire for each request. */
export class RegistryGateway {
  readonly #options: RegistryGatewayOptions;
  readonly #open = new Set<AbortController>();

  constructor(options: RegistryGatewayOptions) {
    this.#options = options;
  }

  /** How many requests are being answered. */
  get size(): number {
    return this.#open.size;
  }

  cutAll(): void {
    for (const stop of this.#open) stop.abort();
    this.#options.client.close();
  }

  serve(request: RegistryRequest, channel: Channel, refusal?: string): FrameHandler {
    const stop = new AbortController();
    const outflow = new Outflow(channel);
    this.#open.add(stop);
    stop.signal.addEventListener("abort", () => {
      outflow.stop();
      channel.send(FRAME.kill);
      channel.close();
    });
    void this.#answer(request, { channel, outflow, stop }, refusal).finally(() =>
      this.#open.delete(stop),
    );
    return ({ type, payload }: Frame) => {
      if (type === FRAME.kill) stop.abort();
      else if (type === FRAME.window) outflow.grant(payload);
      // The guest's half of the stream carries nothing: it may be closed at any time.
      else if (type !== FRAME.end) throw new Error("A request to a registry has no body.");
    };
  }

  async #answer(
    request: RegistryRequest,
    reply: Reply,
    refusal: string | undefined,
  ): Promise<void> {
    const { stop } = reply;
    try {
      if (refusal !== undefined) throw new RegistryRefused(targetOf(GATEWAY), 503, refusal);
      await this.#fetch(request, reply);
    } catch (error) {
      if (stop.signal.aborted) return;
      const refused =
        error instanceof RegistryRefused
          ? error
          : new RegistryRefused(targetOf(GATEWAY), 502, String(error));
      this.#options.record(refused.target, refused.message);
      if (reply.hasHead === true) stop.abort();
      else await sayWhyNot(reply, refused);
    }
  }

  async #fetch({ method, path, headers }: RegistryRequest, reply: Reply): Promise<void> {
    const policy = this.#options.policy();
    const registries = policy.mode === "allow" ? (policy.registries ?? []) : [];
    if (policy.mode === "none") {
      const reason = "The network is disabled in this phase.";
      throw new RegistryRefused(targetOf(GATEWAY), 403, reason);
    }
    const decision = decideRegistryRequest(registries, { method, path });
    if (!decision.allowed) {
      throw new RegistryRefused(targetOf(GATEWAY), decision.status, decision.reason);
    }
    this.#count(path.length);
    const signal = AbortSignal.any([reply.stop.signal, AbortSignal.timeout(ANSWER_MS)]);
    const asked = { method, url: decision.url, headers: askedHeaders(headers), registries, signal };
    const answer = await this.#options.client.read(asked);
    try {
      await this.#pass(answer, decision, registries, reply);
    } finally {
      if (!answer.complete) answer.destroy();
    }
  }

  #count(bytes: number): void {
    const tooMany = this.#options.count(bytes);
    if (tooMany !== undefined) throw new RegistryRefused(targetOf(GATEWAY), 403, tooMany);
  }

  async #pass(
    answer: IncomingMessage,
    { registry, url }: { readonly registry: Registry; readonly url: string },
    registries: readonly Registry[],
    reply: Reply,
  ): Promise<void> {
    const status = answer.statusCode ?? 502;
    const headers = answeredHeaders(answer.headers);
    if (UNAUTHORIZED.includes(status)) {
      answer.resume();
      await sayWhyNot(reply, { status, message: `The registry answered with ${status}.` });
      return;
    }
    const rewrites = holdsAddresses(registry, url, headers["content-type"] ?? "");
    if (rewrites) {
      delete headers["content-length"];
      if (headers["content-encoding"] === "gzip") delete headers["content-encoding"];
    }
    sendHead(reply, status, headers);
    for await (const chunk of rewrites ? rewritten(answer, registries) : answer) {
      this.#count(chunk.length);
      await reply.outflow.send(chunk);
    }
    sendEnd(reply);
  }
}

type Reply = {
  readonly channel: Channel;
  readonly outflow: Outflow;
  readonly stop: AbortController;
  hasHead?: true;
};

function sendHead(reply: Reply, status: number, headers: Record<string, string>): void {
  if (reply.stop.signal.aborted) return;
  reply.hasHead = true;
  reply.channel.send(FRAME.opened, encodeMessage({ status, headers }));
}

function sendEnd({ channel, stop }: Reply): void {
  if (stop.signal.aborted) return;
  channel.send(FRAME.end);
  channel.close();
}

async function sayWhyNot(
  reply: Reply,
  { status, message }: { readonly status: number; readonly message: string },
): Promise<void> {
  const text = new TextEncoder().encode(`${message}\n`);
  sendHead(reply, status, { "content-type": "text/plain", "content-length": `${text.length}` });
  await reply.outflow.send(text);
  sendEnd(reply);
}

/** Unpacked, with its addresses leading to the gateway; never all of it in memory. */
async function* rewritten(
  answer: IncomingMessage,
  registries: readonly Registry[],
): AsyncGenerator<Uint8Array> {
  const rewriter = createAddressRewriter(registries);
  // One character a byte, there and back.
  const bytesOf = (text: string) => Buffer.from(text, "latin1");
  for await (const chunk of unpacked(answer)) {
    yield bytesOf(rewriter.push(Buffer.from(chunk).toString("latin1")));
  }
  yield bytesOf(rewriter.end());
}

function unpacked(answer: IncomingMessage): AsyncIterable<Uint8Array> {
  if (answer.headers["content-encoding"] !== "gzip") return answer;
  const gunzip = createGunzip();
  answer.on("error", (error) => gunzip.destroy(error));
  return answer.pipe(gunzip);
}
