import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type GitHttpServer = AsyncDisposable & {
  /** Ends in `/`; a repository's folder name comes after it. */
  readonly url: string;
  /** `authorization` headers of all requests, in order. */
  readonly authorizations: (string | undefined)[];
  /** Answers the next requests instead of git, until it returns false. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
};

/** Serves the bare repositories below `root` by git's own smart HTTP program; wants this `authorization`. */
export async function serveGit(root: string, authorization: string): Promise<GitHttpServer> {
  const backend = `${execFileSync("git", ["--exec-path"]).toString().trim()}/git-http-backend`;
  const server = createServer((request, response) => {
    state.authorizations.push(request.headers.authorization);
    if (state.intercept?.(request, response) === true) return;
    if (request.headers.authorization !== authorization) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return;
    }
    answer(backend, root, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const state: GitHttpServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    authorizations: [],
    intercept: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}

function answer(
  backend: string,
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? "/", "http://host");
  const child = spawn(backend, {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      HTTP_GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "tester",
    },
  });
  request.pipe(child.stdin).on("error", () => {});
  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    child.stdout.off("data", onHead);
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const [name = "", value = ""] = line.split(": ");
      if (name === "Status") response.statusCode = Number(value.slice(0, 3));
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on("data", onHead);
  response.on("close", () => child.kill());
}
