import { pack } from "tar-stream";
import type { Tree } from "./tarballs.ts";

/** A tar of these files, the same bytes each time. */
export async function archiveOf(tree: Tree): Promise<Uint8Array> {
  const tar = pack();
  const folders = new Set([...tree.keys()].flatMap(foldersOf));
  const owner = { uid: 1000, gid: 1000, mtime: new Date(0) };
  for (const name of [...folders].toSorted()) {
    tar.entry({ ...owner, name: `${name}/`, type: "directory", mode: 0o755 });
  }
  for (const [name, data] of tree) tar.entry({ ...owner, name, mode: 0o644 }, Buffer.from(data));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

function foldersOf(path: string): readonly string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
