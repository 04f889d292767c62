import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Aftermath } from "./let-loose.ts";
import { queryDatabase } from "./let-loose.ts";

/** A place that what a sandbox or a model did could reach, with all its bytes. */
export type Piece = {
  readonly place: "code host" | "model server" | "database" | "log" | "files";
  readonly where: string;
  readonly content: Uint8Array | string | AsyncIterable<Uint8Array>;
};

/** Every byte that the code host and the model server were sent, and that Dunlin wrote down. */
export async function* everythingThatLeft(aftermath: Aftermath): AsyncGenerator<Piece> {
  const { stage, dunlin } = aftermath;
  for await (const { from, bytes } of stage.github.receivedBytes()) {
    yield { place: "code host", where: from, content: bytes };
  }
  for (const [index, { method, path, headers, body }] of stage.model.requests.entries()) {
    const where = `model request ${index}: ${method} ${path}`;
    yield { place: "model server", where: `${where}, head`, content: publicHead(headers) };
    yield { place: "model server", where, content: body };
  }
  yield {
    place: "log",
    where: "log",
    content: dunlin.lines.map((line) => JSON.stringify(line)).join("\n"),
  };
  yield* database(aftermath);
  yield* files(join(stage.folder, "data"));
}

/** The model's key stands where it belongs. */
function publicHead(headers: readonly string[]): string {
  return headers
    .map((value, at) => (headers[at - 1]?.toLowerCase() === "authorization" ? "" : value))
    .join("\n");
}

async function* database({ stage }: Aftermath): AsyncGenerator<Piece> {
  const tables = await queryDatabase<{ name: string }>(
    stage,
    "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'",
  );
  for (const { name } of tables) {
    const rows = await queryDatabase<{ row: string }>(
      stage,
      `SELECT t::text AS row FROM ${name} t`,
    );
    yield { place: "database", where: name, content: rows.map(({ row }) => row).join("\n") };
  }
}

/**
 * Not the mirrors, the database's own files and the sandboxes' disks: the canaries stand in the first, the second are read
 * as tables, and the third are gigabytes of nothing that no one else is sent.
 */
async function* files(folder: string): AsyncGenerator<Piece> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || /\/data\/(mirrors|sandboxes|postgres\/(programs|cluster))/.test(file))
      continue;
    yield { place: "files", where: file, content: createReadStream(file) };
  }
}
