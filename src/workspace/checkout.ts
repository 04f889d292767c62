import { type Layer, WORKSPACE } from "../sandbox/sandbox.ts";
import { gitScript } from "./job-git.ts";
import type { Mirror } from "./mirror.ts";

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

export type CheckoutOptions = {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly sha256: (text: string) => string;
  /** Repositories don't share what they have checked out. */
  readonly scope: string;
};

/**
 * A commit of the mirror for `SandboxSpec.layers`, after those of its dependencies: HEAD has its sha, and no other commit
 * is there. Its digest names the commit and the program that checks it out, and with them every file.
 */
export function checkoutLayer(
  mirror: Pick<Mirror, "pack">,
  sha: string,
  { sha256, scope }: CheckoutOptions,
): Layer {
  const unpack = gitScript(CHECK_OUT, [sha]);
  const digest = sha256(JSON.stringify(unpack));
  return { digest, into: WORKSPACE, unpack, scope, open: () => mirror.pack(sha) };
}
