import type {
  CodeHost,
  CodeHosts,
  PullRequest,
  RepositoryInfo,
  RepositoryRef,
} from "../code-host/code-host.ts";
import { Failure } from "../errors.ts";

export type LocalHostOptions = {
  readonly repository: RepositoryRef;
  /** `file://` and the absolute path of the repository's folder. */
  readonly url: string;
  /** A committed file of the base. */
  readFile(path: string): Promise<string | undefined>;
};

/** A plain local repository as the host: it has no issues, nobody is asked, nothing is written or pushed. */
export function createLocalCodeHost({ repository, url, readFile }: LocalHostOptions): CodeHosts {
  const host: CodeHost = {
    repository,
    mention: "dunlin",
    info: async (): Promise<RepositoryInfo> => ({
      defaultBranch: "HEAD",
      archived: false,
      empty: false,
    }),
    permission: async () => "admin",
    issue: async () => {
      throw new Failure("bug", "no-issue", "A task of the command line is no issue.");
    },
    comments: async () => [],
    removeLabel: async () => {},
    writeComment: async () => ({ url }),
    acknowledge: async () => {},
    writeCheckRun: async () => ({ url }),
    remote: async () => ({ url }),
    readFile,
    publish: async ({ headSha, baseSha }): Promise<PullRequest> => ({
      number: 0,
      url,
      draft: true,
      headSha,
      baseSha,
    }),
    pullRequest: async () => {
      throw noPullRequest();
    },
    mergeBase: async () => {
      throw noPullRequest();
    },
    writePullRequestBody: async () => {},
  };
  return {
    async repository(ref) {
      if (ref.id === repository.id) return host;
      throw new Failure("bug", "other-repository", "A local run knows one repository only.");
    },
  };
}

function noPullRequest(): Failure {
  return new Failure("bug", "no-pull-request", "A task of the command line has no pull request.");
}
