import { simpleGit } from "simple-git";
import { Failure } from "../../../errors.ts";
import type { GitRemote } from "../../mirror.ts";
import { authorizationEnv, type GitEnvironment } from "./environment.ts";
import { remoteFailure } from "./remote-failure.ts";

/** A host's messages are kept in memory; more than this is not a message. */
const MAX_OUTPUT_BYTES = 16 << 20;

export type RemoteCall = {
  readonly remote: GitRemote;
  /** The scratch repository, or any folder without one for a command that needs none. */
  readonly folder: string;
  readonly env: GitEnvironment;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

/** Runs a git command that talks to the remote. Throws the Failure that git's message means. */
export async function talk(call: RemoteCall, args: readonly string[]): Promise<string> {
  requireAddress(call.remote.url);
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const flood = new AbortController();
  const abort = AbortSignal.any([timeout, flood.signal, ...(call.signal ? [call.signal] : [])]);
  const env = { ...call.env, ...authorizationEnv(call.remote.authorization) };
  const git = simpleGit({
    baseDir: call.folder,
    abort,
    allowEnvironment: Object.keys(env).filter((name) => name.startsWith("GIT_")),
    // Our own settings file and header, not a repository's: simple-git can't know the difference.
    unsafe: { allowUnsafeConfigPaths: true, allowUnsafeConfigEnvCount: true },
  }).env(env);
  git.outputHandler((_command, stdout, stderr) => {
    let bytes = 0;
    const count = (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) flood.abort();
    };
    stdout.on("data", count);
    stderr.on("data", count);
  });
  try {
    return await git.raw([...args]);
  } catch (error) {
    call.signal?.throwIfAborted();
    const text = timeout.aborted ? "GIT_TIMEOUT" : String(error);
    throw remoteFailure(text, error);
  }
}

/** The sha that a full ref name has on the remote, undefined when it isn't there. */
export async function resolveRef(call: RemoteCall, ref: string): Promise<string | undefined> {
  const answer = await talk(call, ["ls-remote", "--quiet", "--", call.remote.url, ref]);
  const line = answer.split("\n").find((one) => one.slice(41) === ref);
  return line?.slice(0, 40);
}

/** Fails with the reason that a ref is not there: a repository without any, or another name. */
export async function explainMissingRef(call: RemoteCall, ref: string): Promise<never> {
  const refs = await talk(call, ["ls-remote", "--quiet", "--", call.remote.url]);
  if (refs.trim() === "") {
    throw new Failure(
      "invalid-request",
      "empty-repository",
      "The repository has no commits yet, so there is nothing to work on. Push a first commit.",
    );
  }
  throw new Failure(
    "invalid-request",
    "ref-not-found",
    `The repository has no ${JSON.stringify(ref)}. Check the branch's name.`,
  );
}

/** Whether `file:` may be used is git's own setting; anything else could name a program. */
function requireAddress(url: string): void {
  if (/^(https?|file):\/\/[^\s]+$/.test(url)) return;
  const message = "The repository's address must start with https:// or http://.";
  throw new Failure("invalid-request", "git-protocol", message);
}
