import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { readAll } from "../artifact/artifact.ts";
import { ARCHIVE_LIMITS } from "../attestation/host/archive.ts";
import { ED25519 } from "../attestation/host/ed25519.ts";
import { type KeyDocument, readKeys } from "../attestation/keys.ts";
import { readConfig } from "../config.ts";
import { Failure } from "../errors.ts";
import { CHECK_RUN_NAME } from "../run/publish-evidence.ts";
import { type Environment, wrongUsage } from "./arguments.ts";

/** What a bundle is said to be about. */
export type Claim = { readonly repository: string; readonly headSha: string };
export type LoadedBundle = { readonly bytes: Uint8Array; readonly claim?: Claim };

const MAX_JSON_BYTES = 4 << 20;
const TIMEOUT_MS = 120_000;
const PULL_REQUEST =
  /^(?:https?:\/\/[^/]+\/)?(?<repository>[\w.-]+\/[\w.-]+)(?:#|\/pull\/)(?<number>\d+)\/?$/;
/** As `describeBundle` writes it. */
const LINK = /\]\((https?:\/\/[^\s()]+\/evidence\.tar\?[^\s()]+)\)/;

/** A PEM stands for itself, at all times. */
export async function loadKeys(from: string): Promise<KeyDocument> {
  const bytes = isUrl(from)
    ? await download(from, MAX_JSON_BYTES)
    : await readLocal(from, MAX_JSON_BYTES);
  const text = new TextDecoder().decode(bytes);
  const id = ED25519.keyIdOf(text);
  if (id === undefined) return readKeys(parse(text));
  const always = { notBefore: "0000-01-01T00:00:00.000Z", notAfter: null };
  const key = { id, algorithm: "ed25519" as const, publicKey: text, ...always };
  return { schema: "dunlin/keys/v1", keys: [key] };
}

/** From a file, a link, or the check run of a pull request, which only the App can write. */
export async function loadBundle(target: string, env: Environment): Promise<LoadedBundle> {
  const { repository, number } = PULL_REQUEST.exec(target)?.groups ?? {};
  if (repository !== undefined && number !== undefined) {
    return ofPullRequest(repository, number, env);
  }
  const max = ARCHIVE_LIMITS.bytes;
  return { bytes: isUrl(target) ? await download(target, max) : await readLocal(target, max) };
}

const pull = z.object({ head: z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) }) });
const checkRuns = z.object({
  check_runs: z.array(z.object({ output: z.object({ text: z.string().nullable() }) })),
});

async function ofPullRequest(
  repository: string,
  number: string,
  env: Environment,
): Promise<LoadedBundle> {
  const api = `${readConfig(env).GITHUB_API_URL.replace(/\/+$/, "")}/repos/${repository}`;
  const token = env["GITHUB_TOKEN"];
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string) =>
    parse(new TextDecoder().decode(await download(`${api}${path}`, MAX_JSON_BYTES, headers)));
  const headSha = pull.safeParse(await ask(`/pulls/${number}`)).data?.head.sha;
  if (headSha === undefined) throw notThere(`${repository}#${number} can't be read.`);
  const name = encodeURIComponent(CHECK_RUN_NAME);
  const runs = checkRuns.safeParse(await ask(`/commits/${headSha}/check-runs?check_name=${name}`));
  const texts = runs.data?.check_runs.map(({ output }) => output.text ?? "") ?? [];
  const link = texts.map((text) => LINK.exec(text)?.[1]).find((found) => found !== undefined);
  if (link === undefined) {
    throw notThere(
      `No check run on the head of ${repository}#${number} (${headSha}) leads to a bundle. Its server may have no DUNLIN_PUBLIC_URL, or the pull request has moved on.`,
    );
  }
  return { bytes: await download(link, ARCHIVE_LIMITS.bytes), claim: { repository, headSha } };
}

async function readLocal(path: string, maxBytes: number): Promise<Uint8Array> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return wrongUsage(`There is no file ${path}.`, "verify");
  if (found.size > maxBytes) throw tooLarge(path, maxBytes);
  return readFile(path);
}

async function download(
  url: string,
  maxBytes: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (cause: unknown) => {
      throw notThere(`${withoutQuery(url)} can't be reached.`, cause);
    },
  );
  if (!answer.ok || answer.body === null) {
    const said = (await answer.text()).slice(0, 300).trim();
    throw notThere(`${withoutQuery(url)} answers with ${answer.status}: ${said}`);
  }
  return readAll(bounded(answer.body, maxBytes, withoutQuery(url)));
}

async function* bounded(body: AsyncIterable<Uint8Array>, maxBytes: number, what: string) {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(what, maxBytes);
    yield chunk;
  }
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}

/** What stands in a link lets others in. */
function withoutQuery(url: string): string {
  return url.split("?")[0] ?? "";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notThere(message: string, cause?: unknown): Failure {
  return new Failure("unavailable", "bundle-not-there", message, { cause });
}

function tooLarge(what: string, maxBytes: number): Failure {
  const message = `${what} is larger than ${maxBytes >> 20} MiB, so Dunlin didn't write it.`;
  return new Failure("limit-reached", "too-large", message);
}
