import type { Sandbox } from "../sandbox/sandbox.ts";
import { runScript } from "./job-git.ts";
import type { Mirror } from "./mirror.ts";

const TIMEOUT_MS = 5 * 60_000;

/**
 * A repository as a person would clone it, but for its history: the commit is marked as one without parents, and there
 * is no remote. What layers put in place before stays, unless the commit has a file there.
 */
const CHECK_OUT = `
git init --quiet --template= /workspace
git symbolic-ref HEAD refs/heads/main
git config gc.auto 0
git config user.name Dunlin
git config user.email dunlin@localhost
mkdir -p .git/info
git index-pack --stdin > /dev/null
echo "$1" > .git/shallow
git update-ref refs/heads/main "$1"
git -c checkout.workers=4 -c advice.detachedHead=false checkout --quiet --force main --
test "$(git rev-parse HEAD)" = "$1"
`;

/** Puts a commit of the mirror into the sandbox's workspace: HEAD has its sha, and no other commit is there. */
export async function checkOut(
  sandbox: Sandbox,
  mirror: Mirror,
  sha: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await runScript(sandbox, {
    what: "checking out the repository",
    text: CHECK_OUT,
    args: [sha],
    git: "workspace",
    stdin: mirror.pack(sha, options),
    timeoutMs: TIMEOUT_MS,
    ...options,
  });
}
