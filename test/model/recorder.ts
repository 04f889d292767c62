import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came over the wire. */
export type Recorded = {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
};

export type Recorder = {
  readonly url: string;
  readonly recorded: readonly Recorded[];
  readonly close: () => Promise<void>;
};

/**
 * Stands before a server and keeps every byte it is sent; `GET /recorded` gives them to another process. aimock's own
 * journal hides the authorization header, cuts bodies at 64 KB and adds fields, so canaries can't be looked for in it.
 */
export async function startRecorder(target: string, port: number): Promise<Recorder> {
  const recorded: Recorded[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      if (incoming.url === "/recorded") {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(recorded));
        return;
      }
      const body = Buffer.concat(chunks);
      const { method = "", url: path = "", rawHeaders: headers } = incoming;
      recorded.push({ method, path, headers, body: body.toString() });
      forward(target, incoming, body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const { method, headers } = incoming;
  const outgoing = request(`${target}${incoming.url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  response.on("close", () => outgoing.destroy());
  outgoing.end(body);
}
