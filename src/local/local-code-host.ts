import type {
  CodeHost,
  CodeHosts,
  Issue,
  PullRequest,
  RepositoryInfo,
  RepositoryRef,
} from "../code-host/code-host.ts";
import { Failure } from "../errors.ts";

export type LocalTask = { readonly title: string; readonly body: string };

export type LocalHostOptions = {
  readonly repository: RepositoryRef;
  /** `file://` and the absolute path of the repository's folder. */
  readonly url: string;
  readonly task: LocalTask;
  /** A committed file of the base. */
  readFile(path: string): Promise<string | undefined>;
  /** What would be the status comment; the last one says how the run ended. */
  onComment(text: string): void;
};

/** A plain local repository as the host: the task is the issue, the terminal the comments; nothing is pushed. */
export function createLocalCodeHost(options: LocalHostOptions): CodeHosts {
  const host: CodeHost = {
    repository: options.repository,
    mention: "dunlin",
    info: async (): Promise<RepositoryInfo> => ({
      defaultBranch: "HEAD",
      archived: false,
      empty: false,
    }),
    permission: async () => "admin",
    issue: async () => issueOf(options),
    comments: async () => [],
    removeLabel: async () => {},
    async writeComment(_issue, _marker, body) {
      options.onComment(body);
      return { url: options.url };
    },
    acknowledge: async () => {},
    writeCheckRun: async () => ({ url: options.url }),
    remote: async () => ({ url: options.url }),
    readFile: (path) => options.readFile(path),
    publish: async ({ headSha, baseSha }): Promise<PullRequest> => ({
      number: 0,
      url: options.url,
      draft: true,
      headSha,
      baseSha,
    }),
  };
  return {
    async repository(ref) {
      if (ref.id !== options.repository.id) {
        throw new Failure("bug", "other-repository", "A local run knows one repository only.");
      }
      return host;
    },
  };
}

function issueOf({ url, task }: LocalHostOptions): Issue {
  return {
    number: 1,
    url,
    title: task.title,
    body: task.body,
    author: null,
    state: "open",
    isPullRequest: false,
    labels: [],
    updatedAt: "1970-01-01T00:00:00Z",
  };
}
