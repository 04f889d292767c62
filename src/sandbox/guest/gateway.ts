import type http from "node:http";
import { pipeline } from "node:stream";
import { decodeMessage, MAX_REGISTRY_PATH, type RegistryAnswer } from "../wire/message.ts";
import type { Link } from "./link.ts";
import { Tunnel } from "./tunnel.ts";

/** The only headers that the host looks at. */
const SENT = ["accept", "accept-encoding", "if-none-match", "if-modified-since", "user-agent"];

/** Has the host ask a registry and passes its answer on. A request's body goes nowhere. */
export function askRegistry(
  link: Link,
  path: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  request.resume();
  if (path.length > MAX_REGISTRY_PATH) {
    response.writeHead(414, { connection: "close" }).end("The path is too long.\n");
    return;
  }
  const sent = SENT.flatMap((name) => {
    const value = request.headers[name];
    return typeof value === "string" ? [[name, value]] : [];
  });
  const headers: Record<string, string> = Object.fromEntries(sent);
  const out = new Tunnel(link, {
    mode: "registry",
    method: request.method ?? "GET",
    path,
    headers,
  });
  out.end();
  response.on("close", () => out.destroy());
  out.on("error", () => response.destroy());
  out.on("open", (payload: Uint8Array) => {
    // The host is trusted: what it sends needs no check.
    const answer = decodeMessage(payload) as RegistryAnswer;
    response.writeHead(answer.status, answer.headers);
    pipeline(out, response, () => {});
  });
}
