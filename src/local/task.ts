import type { RunRequest } from "../run/run.ts";

const MAX_TITLE = 120;

/** The first line is the title; one that is too long for that is also the beginning of the body. */
export function splitTask(task: string): Pick<RunRequest, "title" | "body"> {
  const text = task.trim();
  const [first = "", ...rest] = text.split("\n");
  const title = first.replace(/^#+\s*/, "").trim();
  if (title.length <= MAX_TITLE) return { title, body: rest.join("\n").trim() };
  return { title: `${title.slice(0, MAX_TITLE - 1)}…`, body: text };
}
