import { once } from "node:events";
import type http from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream";
import { PROXY_PORT } from "../wire/message.ts";
import { askRegistry } from "./gateway.ts";
import type { Link } from "./link.ts";
import { Tunnel } from "./tunnel.ts";

// An import would read all that the module has, and so load what nobody here needs: a third of the guest's memory.
const { createServer, request: ask, STATUS_CODES } = process.getBuiltinModule("node:http");

const MAX_CONNECTIONS = 256;
/** How long a connection may stay without a tunnel: the host has its own, shorter limit for dialling. */
const UNOPENED_MS = 30_000;

/**
 * The sandbox's only way out, on its own loopback: an HTTP proxy whose every connection the host judges and makes, and
 * in the same place the gateway to the registries, for requests that name no other host.
 */
export async function serveProxy(link: Link): Promise<void> {
  const proxy = createServer({ maxHeaderSize: 16 * 1024, headersTimeout: 10_000 });
  proxy.requestTimeout = 0;
  proxy.maxConnections = MAX_CONNECTIONS;
  proxy.on("connect", (request, socket, head) => {
    // A client that sends everything through its proxy, our own address too, is back where it began.
    if (request.url === OURSELVES) loop(proxy, socket, head);
    else tunnel(link, request, socket, head);
  });
  proxy.on("request", (request, response) => {
    const path = gatewayPath(request.url ?? "");
    if (path === undefined) forward(link, request, response);
    else askRegistry(link, path, request, response);
  });
  proxy.on("clientError", (_error, socket) => answer(socket, 400, "This is no HTTP request."));
  proxy.listen(PROXY_PORT, "127.0.0.1");
  await once(proxy, "listening");
}

const OURSELVES = `127.0.0.1:${PROXY_PORT}`;

/** The path of a request to the gateway; undefined when it is for another host, or for nothing. */
function gatewayPath(url: string): string | undefined {
  const ours = `http://${OURSELVES}/`;
  const path = url.startsWith(ours) ? url.slice(ours.length - 1) : url;
  return path.startsWith("/") ? path : undefined;
}

function loop(proxy: http.Server, socket: Duplex, head: Buffer): void {
  socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) socket.unshift(head);
  proxy.emit("connection", socket);
}

function tunnel(link: Link, request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
  const target = parseAuthority(request.url ?? "");
  if (target === undefined) {
    answer(socket, 400, "CONNECT wants host:port.");
    return;
  }
  const out = new Tunnel(link, { mode: "tunnel", ...target });
  const deadline = setTimeout(() => socket.destroy(), UNOPENED_MS);
  socket.on("error", () => out.destroy());
  out.on("error", () => socket.destroy());
  socket.on("close", () => {
    clearTimeout(deadline);
    out.destroy();
  });
  out.on("refused", (reason: string) => answer(socket, 403, reason));
  out.on("open", () => {
    clearTimeout(deadline);
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    // Each way ends for itself; a break of either tears both down through `close`.
    pipeline(socket, out, () => {});
    pipeline(out, socket, () => {});
  });
}

/** One plain request to an absolute URL; Node's own client speaks it through the tunnel. */
function forward(link: Link, request: http.IncomingMessage, response: http.ServerResponse): void {
  const url = URL.parse(request.url ?? "");
  const target = url?.protocol === "http:" ? targetOf(url) : undefined;
  if (url === null || target === undefined) {
    response.writeHead(400, { connection: "close" }).end("The proxy wants an absolute http URL.\n");
    return;
  }
  const out = new Tunnel(link, { mode: "http", ...target });
  response.on("close", () => out.destroy());
  out.on("error", () => response.destroy());
  out.on("refused", (reason: string) => {
    response.writeHead(403, { "content-type": "text/plain", connection: "close" });
    response.end(`${reason}\n`);
  });
  out.on("open", () => {
    const upstream = ask({
      createConnection: () => out,
      method: request.method,
      path: url.pathname + url.search,
      headers: { ...endToEnd(request.headers), host: url.host },
    });
    upstream.on("response", (reply) => {
      response.writeHead(reply.statusCode ?? 502, endToEnd(reply.headers));
      pipeline(reply, response, () => {});
    });
    upstream.on("error", () => response.destroy());
    pipeline(request, upstream, () => {});
  });
}

/** Headers without those that speak of one connection only. */
function endToEnd(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const hop = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hop.test(name)));
}

/** Undefined for what the host would take for a guest that is in a stranger's hands. */
function targetOf(url: URL): { host: string; port: number } | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || 80);
  return port < 1 || host.length > 253 ? undefined : { host, port };
}

function parseAuthority(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

function answer(socket: Duplex, status: 400 | 403, reason: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const text = `${reason}\n`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n`;
  // A socket that nobody reads never notices its peer's end: without this, refused ones would fill the limit.
  socket.end(head + text, () => socket.destroy());
}
