import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gitEnvironment } from "../world/git.ts";
import { acceptPush } from "../world/pushes.ts";
import type { World } from "../world/world.ts";
import { findRepository, fullName } from "../world/world.ts";
import { authKind, enter, grants, identifyGit, type RepositoryAccess } from "./access.ts";
import type { RecordedRequest } from "./journal.ts";
import { Refusal } from "./refusal.ts";

export type GitRequest = {
  readonly repository: string;
  readonly tail: string;
  readonly service: string;
};

const PATH = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/** What git asks for at this address, or undefined when it isn't git's. */
export function readGitRequest(url: URL): GitRequest | undefined {
  const [, repository, tail] = PATH.exec(url.pathname) ?? [];
  if (!repository || !tail) return undefined;
  const service = tail === "info/refs" ? (url.searchParams.get("service") ?? "") : tail;
  return { repository, tail, service };
}

/**
 * Serves git's smart HTTP by `git http-backend`, streamed both ways. A push is on record before its answer ends. With
 * `loseAnswer` git does its work and the client hears nothing.
 */
export async function serveGit(
  world: World,
  asked: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
  record: RecordedRequest,
  loseAnswer: boolean,
): Promise<void> {
  const access = admit(world, asked, request.headers.authorization, record);
  const bodyFile = join(world.folder, "received", String(world.nextId()));
  const pushLog = `${bodyFile}.pushed`;
  record.bodyFile = bodyFile;
  const child = spawn("git", ["http-backend"], {
    env: { ...cgiEnvironment(world, asked, request, access), STANDIN_PUSH_LOG: pushLog },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const closed = once(child, "close");
  const received = keepAndFeed(request, bodyFile, child.stdin);
  record.status = await answer(child.stdout, loseAnswer ? undefined : response);
  await Promise.all([closed, received]);
  const moved = await readFile(pushLog, "utf8").catch(() => ""); // no ref moved, no file
  await acceptPush(world, access.repository, access.actor, moved);
  if (loseAnswer) response.destroy();
  else response.end();
}

function admit(
  world: World,
  asked: GitRequest,
  authorization: string | undefined,
  record: RecordedRequest,
): RepositoryAccess {
  if (!/^git-(upload|receive)-pack$/.test(asked.service)) {
    throw new Refusal(403, "Please upgrade your git client.");
  }
  const identity = identifyGit(world, authorization);
  record.auth = authKind(identity);
  const pushes = asked.service === "git-receive-pack";
  const open = findRepository(world, asked.repository)?.private === false && !pushes;
  if (identity.kind === "anonymous" && !open) throw new Refusal(401, "Authentication required.");
  return enter(world, identity, asked.repository, {
    needs: [pushes ? "contents:write" : "contents:read"],
    person: pushes ? "write" : "read",
  });
}

function cgiEnvironment(
  world: World,
  asked: GitRequest,
  request: IncomingMessage,
  { repository, actor, token }: RepositoryAccess,
): Record<string, string> {
  const { headers } = request;
  const workflows = token?.kind === "person" || grants(token?.permissions ?? {}, "workflows:write");
  return {
    ...gitEnvironment(),
    GIT_PROJECT_ROOT: join(world.folder, "repositories"),
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
    PATH_INFO: `/${fullName(repository)}.git/${asked.tail}`,
    QUERY_STRING: asked.tail === "info/refs" ? `service=${asked.service}` : "",
    REQUEST_METHOD: request.method ?? "",
    CONTENT_TYPE: headers["content-type"] ?? "",
    // Without a length (a chunked push) git reads to the end.
    ...(headers["content-length"] ? { CONTENT_LENGTH: headers["content-length"] } : {}),
    HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
    REMOTE_USER: actor.login,
    REMOTE_ADDR: "127.0.0.1",
    STANDIN_WORKFLOWS: workflows ? "write" : "none",
  };
}

/** Keeps the body of a git request that git is not asked about. */
export async function keepUnserved(
  world: World,
  request: IncomingMessage,
  record: RecordedRequest,
): Promise<void> {
  record.bodyFile = join(world.folder, "received", String(world.nextId()));
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  await keepAndFeed(request, record.bodyFile, nowhere);
}

/** Copies the request into a file on its way to git. */
async function keepAndFeed(request: Readable, file: string, git: Writable): Promise<void> {
  const kept = createWriteStream(file);
  const copy = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      if (!kept.write(chunk)) await once(kept, "drain");
      yield chunk;
    }
  };
  // Git may hang up before the end, or the client may; both show in git's own outcome.
  await pipeline(request, copy, git).catch(() => request.resume());
  kept.end();
  await once(kept, "close");
}

/** Turns the CGI output into the response, or swallows it. Gives the status. */
async function answer(output: Readable, response: ServerResponse | undefined): Promise<number> {
  let head = Buffer.alloc(0);
  let status: number | undefined;
  for await (const chunk of output) {
    let rest: Buffer = chunk;
    if (status === undefined) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      status = writeHead(head.subarray(0, end).toString(), response);
      rest = head.subarray(end + 4);
    }
    if (response && !response.write(rest)) await writable(response);
  }
  if (status === undefined) throw new Refusal(500, "stand-in: git http-backend gave no answer");
  return status;
}

function writeHead(lines: string, response: ServerResponse | undefined): number {
  let status = 200;
  for (const line of lines.split("\r\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response?.setHeader(name, value);
  }
  response?.writeHead(status);
  return status;
}

/** Ends when more may be written, or when nobody listens any more. */
function writable(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}
