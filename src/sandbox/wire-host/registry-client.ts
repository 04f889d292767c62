import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { createSecureContext, getCACertificates, connect as openTls } from "node:tls";
import { originOf, type Target } from "../egress.ts";
import { credentialFor, decideRedirect, type Registry } from "../egress-registry.ts";
import { dialChecked } from "./dial.ts";
import type { Dialler } from "./dialler.ts";

export type RegistryRead = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Those that a redirect may lead to. */
  readonly registries: readonly Registry[];
  readonly signal: AbortSignal;
};

const MAX_REDIRECTS = 5;
const MAX_SOCKETS = 32;
const SILENCE_MS = 120_000;

/** Why there is no answer; `target` is what the record of a refusal names. */
export class RegistryRefused extends Error {
  readonly target: Target;
  readonly status: number;

  constructor(target: Target, status: number, message: string) {
    super(message);
    this.target = target;
    this.status = status;
  }
}

export function targetOf(address: string): Target {
  const { hostname, port, protocol } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, "");
  return { host, port: Number(port || (protocol === "http:" ? 80 : 443)) };
}

/** Reads from registries: speaks TLS, checks certificates, adds credentials and follows redirects as far as listed. */
export class RegistryClient {
  readonly #dialler: Dialler;
  readonly #plain: http.Agent;
  readonly #secure: https.Agent;

  constructor(dialler: Dialler) {
    this.#dialler = dialler;
    const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS };
    this.#plain = new http.Agent(agentOptions);
    this.#secure = new https.Agent(agentOptions);
    const secureContext = lazily(() => trusting(dialler.caBundle));
    this.#plain.createConnection = this.#opener((socket) => socket);
    this.#secure.createConnection = this.#opener((socket, { host }) =>
      openTls({
        socket,
        host,
        secureContext: secureContext(),
        ...(net.isIP(host) === 0 ? { servername: host } : {}),
      }),
    );
  }

  /** The answer's head; its body is for the caller to read. Throws `RegistryRefused`. */
  async read(wanted: RegistryRead): Promise<http.IncomingMessage> {
    let { url } = wanted;
    for (let left = MAX_REDIRECTS; ; left -= 1) {
      const answer = await this.#ask({ ...wanted, url });
      const { location } = answer.headers;
      if (!isRedirect(answer.statusCode) || location === undefined) return answer;
      answer.destroy();
      const decision = decideRedirect(wanted.registries, url, location);
      if (!decision.allowed) {
        const there = URL.parse(location, url)?.href ?? url;
        throw new RegistryRefused(targetOf(there), 502, decision.reason);
      }
      if (left === 0) {
        throw new RegistryRefused(targetOf(url), 502, "The registry redirects without end.");
      }
      url = decision.url;
    }
  }

  /** Closes the connections that are kept for further requests. */
  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  async #ask({ method, url, headers, signal }: RegistryRead): Promise<http.IncomingMessage> {
    const authorization = credentialFor(this.#dialler.credentials ?? [], url);
    const options = {
      method,
      signal,
      timeout: SILENCE_MS,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    };
    try {
      const request = url.startsWith("https:")
        ? https.request(url, { ...options, agent: this.#secure })
        : http.request(url, { ...options, agent: this.#plain });
      request.on("timeout", () => request.destroy(new Error("The registry fell silent.")));
      // What goes wrong after the head ends the reading of the body; the request has nobody else to tell.
      request.on("error", () => {});
      request.end();
      const [answer]: http.IncomingMessage[] = await once(request, "response");
      if (answer === undefined) throw new Error("The registry gave no answer.");
      return answer;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RegistryRefused(targetOf(url), 502, reason);
    }
  }

  #opener(
    secure: (socket: net.Socket, target: Target) => net.Socket,
  ): http.Agent["createConnection"] {
    return (options, done) => {
      const target = { host: String(options.host), port: Number(options.port) };
      // Only what is listed comes this far, and the operator's own registry may lie in a private network.
      dialChecked(this.#dialler, target, [originOf(target)]).then(
        (socket) => {
          // A kept connection has to end when the registry ends it.
          socket.allowHalfOpen = false;
          done?.(null, secure(socket, target));
        },
        (error: Error) => done?.(error, undefined as never),
      );
      return undefined;
    };
  }
}

function trusting(caBundle: Uint8Array | undefined) {
  if (caBundle === undefined) return createSecureContext();
  const bundle = Buffer.from(caBundle).toString();
  return createSecureContext({ ca: [...getCACertificates("default"), bundle] });
}

function isRedirect(status: number | undefined): boolean {
  return status !== undefined && [301, 302, 303, 307, 308].includes(status);
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
