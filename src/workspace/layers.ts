import type { ArtifactStore, Digest } from "../artifact/artifact.ts";
import { Failure } from "../errors.ts";
import { type Layer, type Sandbox, WORKSPACE } from "../sandbox/sandbox.ts";
import { indexInfo, NEW_PRIVATE_GIT, runScript } from "./job-git.ts";
import type { TreeEntry } from "./patch.ts";
import { createRecordReader } from "./records.ts";
import { pathNotUtf8 } from "./survey.ts";
import { decodeUtf8 } from "./utf8.ts";

const TIMEOUT_MS = 60_000;
const MAX_LIST_BYTES = 4 << 20;
const MAX_LAYER_BYTES = 4 * 1024 ** 3;

/** A layer in the artifact store, as plain JSON. `paths` are what it holds; those that end in `/` are folders. */
export type SavedLayer = {
  readonly digest: Digest;
  readonly bytes: number;
  readonly paths: readonly string[];
};

const LIST = `${NEW_PRIVATE_GIT}
git update-index -z --index-info
git ls-files -z --others --directory --no-empty-directory
rm -rf "$GIT_DIR"
`;

export type UntrackedOptions = {
  /** The base commit's listing. */
  readonly tree: readonly TreeEntry[];
  readonly signal?: AbortSignal;
};

/** What stands in the workspace beside the commit's files, ignored or not; a folder without such a file is one path. */
export async function untrackedPaths(
  sandbox: Sandbox,
  { tree, signal }: UntrackedOptions,
): Promise<readonly string[]> {
  const paths: string[] = [];
  const read = createRecordReader((record) => {
    const path = decodeUtf8(record);
    if (path === undefined) throw pathNotUtf8(record);
    paths.push(path);
  });
  const output: Uint8Array[] = [];
  await runScript(sandbox, {
    what: "listing the installed files",
    text: LIST,
    stdin: indexInfo(tree),
    timeoutMs: TIMEOUT_MS,
    killAfterOutputBytes: MAX_LIST_BYTES,
    onOutput: ({ fd, data }) => {
      if (fd === 1) output.push(data.slice());
    },
    ...(signal === undefined ? {} : { signal }),
  });
  for (const chunk of output) read(chunk);
  return paths;
}

/**
 * Keeps what an install put beside the commit's files; undefined when that is nothing. Commit's files that the install
 * changed are not in it: a sandbox made of the layer and a checkout has them as the commit does.
 */
export async function saveDependencies(
  sandbox: Sandbox,
  artifacts: ArtifactStore,
  options: UntrackedOptions,
): Promise<SavedLayer | undefined> {
  const paths = await untrackedPaths(sandbox, options);
  if (paths.length === 0) return undefined;
  const plain = paths.map((path) => path.replace(/\/$/, ""));
  const tar = sandbox.downloadTar(WORKSPACE, plain, { maxBytes: MAX_LAYER_BYTES });
  const { digest, bytes } = await artifacts.put(untilAborted(tar, options.signal));
  return { digest, bytes, paths };
}

/** The layer for `SandboxSpec.layers`, below the commit's own; repositories of different scopes share nothing. */
export function openLayer(artifacts: ArtifactStore, { digest }: SavedLayer, scope: string): Layer {
  return { digest, into: WORKSPACE, scope, open: () => artifacts.get(digest) };
}

async function* untilAborted(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (signal?.aborted === true) {
      const message = "Keeping the installed dependencies was stopped. Start the run again.";
      throw signal.reason ?? new Failure("cancelled", "stopped", message);
    }
    yield chunk;
  }
}
