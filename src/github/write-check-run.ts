import type { CheckRun } from "../code-host/code-host.ts";
import { cutAt, fitBody } from "./body.ts";
import type { RepositoryClient } from "./clients.ts";

const MOST_CHARACTERS = 65_535;
const ANNOTATIONS_A_REQUEST = 50;

type Found = { readonly id: number; readonly annotations: number };

/**
 * Creates or updates the App's one check run on the head commit whose `external_id` is `marker`. Annotations only ever
 * grow: GitHub appends them, so those that it has already are not sent again.
 */
export async function writeCheckRun(
  client: RepositoryClient,
  appId: number,
  marker: string,
  checkRun: CheckRun,
): Promise<{ readonly url: string }> {
  const { octokit, owner, repo } = client;
  const found = await findCheckRun(client, appId, marker, checkRun);
  const annotations = (checkRun.annotations ?? []).slice(found?.annotations ?? 0).map(annotation);
  const body = { ...shared(checkRun), output: output(checkRun, annotations.slice(0, 50)) };
  const { data } =
    found === undefined
      ? await octokit.rest.checks.create({
          owner,
          repo,
          head_sha: checkRun.headSha,
          external_id: marker,
          ...body,
        })
      : await octokit.rest.checks.update({ owner, repo, check_run_id: found.id, ...body });
  for (let at = ANNOTATIONS_A_REQUEST; at < annotations.length; at += ANNOTATIONS_A_REQUEST) {
    const batch = annotations.slice(at, at + ANNOTATIONS_A_REQUEST);
    await octokit.rest.checks.update({
      owner,
      repo,
      check_run_id: data.id,
      output: output(checkRun, batch),
    });
  }
  return { url: data.html_url ?? "" };
}

async function findCheckRun(
  { octokit, owner, repo }: RepositoryClient,
  appId: number,
  marker: string,
  checkRun: CheckRun,
): Promise<Found | undefined> {
  const runs = await octokit.paginate(octokit.rest.checks.listForRef, {
    owner,
    repo,
    ref: checkRun.headSha,
    check_name: checkRun.name,
    filter: "all",
    per_page: 100,
  });
  const own = runs.find((run) => run.external_id === marker && run.app?.id === appId);
  return own && { id: own.id, annotations: own.output.annotations_count };
}

function shared({ name, status, conclusion }: CheckRun) {
  return { name, status, ...(conclusion === undefined ? {} : { conclusion }) };
}

function output(checkRun: CheckRun, annotations: ReturnType<typeof annotation>[]) {
  const { title, summary, text } = checkRun;
  return {
    title: cutAt(title, 255),
    summary: fitBody(summary, MOST_CHARACTERS),
    ...(text === undefined ? {} : { text: fitBody(text, MOST_CHARACTERS) }),
    annotations,
  };
}

function annotation({ path, line, level, message }: NonNullable<CheckRun["annotations"]>[number]) {
  return {
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    message: cutAt(message, 60_000),
  };
}
