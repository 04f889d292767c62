import { z } from "zod";
import { byPath } from "../workspace/patch.ts";
import { moment } from "./keys.ts";

/** One file of a bundle. */
export type BundleFile = { readonly path: string; readonly data: Uint8Array };

/** 64 hexadecimal digits. */
export type Sha256 = (content: Uint8Array) => string;

const MANIFEST_SCHEMA = "dunlin/bundle/v1";

/** Names every file of a bundle but itself and the envelope, whose statement names it. */
export type Manifest = {
  readonly schema: typeof MANIFEST_SCHEMA;
  readonly runId: string;
  /** When it was signed: ISO 8601 in UTC, with milliseconds. */
  readonly madeAt: string;
  readonly files: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
};

const manifest: z.ZodType<Manifest> = z.strictObject({
  schema: z.literal(MANIFEST_SCHEMA),
  runId: z.string(),
  madeAt: moment,
  files: z.array(
    z.strictObject({
      path: z.string(),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export function manifestOf(
  files: readonly BundleFile[],
  { runId, madeAt }: Pick<Manifest, "runId" | "madeAt">,
  sha256: Sha256,
): Manifest {
  const entries = files
    .toSorted(byPath)
    .map(({ path, data }) => ({ path, bytes: data.length, sha256: sha256(data) }));
  return { schema: MANIFEST_SCHEMA, runId, madeAt, files: entries };
}

/** The reason as a sentence when it is none. */
export function readManifest(json: unknown): Manifest | string {
  const read = manifest.safeParse(json);
  return read.success
    ? read.data
    : `It is no manifest of version 1. ${z.prettifyError(read.error)}`;
}
