import { Failure } from "../../errors.ts";
import { WORKSPACE } from "../../sandbox/sandbox.ts";

/**
 * The absolute path of what a model named, inside the workspace. By name only: links are followed or refused in the
 * sandbox, which is where all of it happens. Throws `invalid-request/bad-path`.
 */
export function workspacePath(named: string): string {
  if (named.includes("\0")) throw badPath("a path can't hold a NUL character.");
  const parts: string[] = [];
  for (const part of (named.startsWith("/") ? named : `${WORKSPACE}/${named}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const path = `/${parts.join("/")}`;
  if (path === WORKSPACE || path.startsWith(`${WORKSPACE}/`)) return path;
  throw badPath(
    `${named} is outside of ${WORKSPACE}. Give a path relative to ${WORKSPACE}, or use shell for other folders.`,
  );
}

/** As a person would name it. */
export function shownPath(path: string): string {
  return path === WORKSPACE ? "." : path.slice(WORKSPACE.length + 1);
}

function badPath(message: string): Failure {
  return new Failure("invalid-request", "bad-path", message);
}
