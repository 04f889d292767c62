import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/**
 * A container engine, on a Unix socket, whose builds fail. It has the base of an image and no image, so that a build is
 * what comes next.
 */
export async function startEngineWithoutBuilds(
  socket: string,
  reason: string,
): Promise<AsyncDisposable> {
  const server = createServer((request, response) => answer(request, response, reason));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, reason: string): void {
  const path = request.url?.split("?")[0] ?? "";
  request.resume().on("end", () => {
    const body = path === "/build" ? { error: reason } : bodyOf(path);
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(`${JSON.stringify(body ?? { message: "not there" })}\n`);
  });
}

function bodyOf(path: string): object | undefined {
  if (path === "/_ping") return {};
  if (path === "/version") return { Arch: process.arch === "x64" ? "amd64" : process.arch };
  if (path === "/info") return { Runtimes: { runc: {} }, SecurityOptions: ["name=userns"] };
  if (path === "/networks" || path === "/containers/json") return [];
  return path.startsWith("/images/dunlin/base") ? { Id: "sha256:base" } : undefined;
}
