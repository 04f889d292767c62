import type {
  CheckRun,
  CodeHost,
  CodeHosts,
  Comment,
  Issue,
  Permission,
  Proposal,
  PullRequest,
  PullRequestState,
  Remote,
  RepositoryInfo,
  RepositoryRef,
} from "../../src/code-host/code-host.ts";
import { Failure } from "../../src/errors.ts";

type Call = { readonly name: string; readonly args: readonly unknown[] };

/** One repository in memory. Change its public fields to set the scene; read them and `calls` to see what happened. */
export class FakeCodeHost implements CodeHost {
  readonly repository: RepositoryRef = { id: 7, owner: "octo", name: "fix-me", installationId: 9 };
  /** Every repository is this one. */
  readonly hosts: CodeHosts = {
    repository: async (ref) => {
      this.#note("repository", ref);
      return this;
    },
  };
  mention = "@dunlin";
  repositoryInfo: RepositoryInfo = { defaultBranch: "main", archived: false, empty: false };
  /** By lower-case login; everybody else has `read`. */
  readonly permissions = new Map<string, Permission>();
  readonly issues = new Map<number, Issue>();
  readonly threads = new Map<number, Comment[]>();
  /** Dunlin's own comments, by issue and marker. */
  readonly written = new Map<string, string>();
  readonly acknowledged: number[] = [];
  readonly checkRuns = new Map<string, CheckRun>();
  readonly files = new Map<string, string>();
  readonly pullRequests = new Map<string, PullRequest>();
  /** Of people and of Dunlin, as they stand now. */
  readonly pulls = new Map<number, PullRequestState>();
  mergeBaseSha = "b".repeat(40);
  readonly calls: Call[] = [];
  remoteUrl = "http://127.0.0.1:9/octo/fix-me.git";
  #faults: { name: string; error: Error }[] = [];

  /** Makes the next call of the method fail, before its effect. */
  failNext(name: keyof CodeHost | "repository", error?: Error): void {
    const unavailable = new Failure("unavailable", "github-unavailable", "GitHub is away.");
    this.#faults.push({ name, error: error ?? unavailable });
  }

  addIssue(issue: Partial<Issue> & { readonly number: number }): Issue {
    const full: Issue = {
      url: `https://code.test/octo/fix-me/issues/${issue.number}`,
      title: "It breaks",
      body: "Call it twice.",
      author: { login: "outsider", id: 30, isBot: false },
      state: "open",
      isPullRequest: false,
      labels: [],
      updatedAt: "2026-11-23T05:00:00Z",
      ...issue,
    };
    this.issues.set(full.number, full);
    return full;
  }

  addComment(issueNumber: number, login: string, body: string): Comment {
    const thread = this.threads.get(issueNumber) ?? [];
    const comment: Comment = {
      id: 1000 + thread.length,
      author: { login, id: 50, isBot: login.endsWith("[bot]") },
      body,
      createdAt: "2026-11-23T05:00:00Z",
      updatedAt: "2026-11-23T05:00:00Z",
    };
    this.threads.set(issueNumber, [...thread, comment]);
    return comment;
  }

  addPullRequest(pull: Partial<PullRequestState> & { readonly number: number }): PullRequestState {
    const url = `https://code.test/octo/fix-me/pull/${pull.number}`;
    const full: PullRequestState = {
      url,
      title: "Add two numbers",
      body: "",
      state: "open",
      headSha: "c".repeat(40),
      baseBranch: "main",
      isOwnBranch: true,
      ...pull,
    };
    this.pulls.set(full.number, full);
    this.addIssue({ number: full.number, url, title: full.title, isPullRequest: true });
    return full;
  }

  /** The texts that Dunlin wrote on an issue. */
  commentsBy(issueNumber: number): string[] {
    return [...this.written].filter(([key]) => key.startsWith(`${issueNumber} `)).map(([, b]) => b);
  }

  async info(): Promise<RepositoryInfo> {
    this.#note("info");
    return this.repositoryInfo;
  }

  async permission(login: string): Promise<Permission> {
    this.#note("permission", login);
    return this.permissions.get(login.toLowerCase()) ?? "read";
  }

  async issue(number: number): Promise<Issue> {
    this.#note("issue", number);
    const issue = this.issues.get(number);
    if (issue !== undefined) return issue;
    throw new Failure("not-permitted", "not-found", `There is no issue ${number}.`);
  }

  async comments(issueNumber: number): Promise<readonly Comment[]> {
    this.#note("comments", issueNumber);
    return this.threads.get(issueNumber) ?? [];
  }

  async removeLabel(issueNumber: number, label: string): Promise<void> {
    this.#note("removeLabel", issueNumber, label);
    const issue = this.issues.get(issueNumber);
    if (issue === undefined) return;
    const labels = issue.labels.filter((name) => name.toLowerCase() !== label.toLowerCase());
    this.issues.set(issueNumber, { ...issue, labels });
  }

  async writeComment(issueNumber: number, marker: string, body: string) {
    this.#note("writeComment", issueNumber, marker, body);
    this.written.set(`${issueNumber} ${marker}`, body);
    return { url: `https://code.test/octo/fix-me/issues/${issueNumber}#${marker}` };
  }

  async acknowledge(commentId: number): Promise<void> {
    this.#note("acknowledge", commentId);
    this.acknowledged.push(commentId);
  }

  async writeCheckRun(marker: string, checkRun: CheckRun) {
    this.#note("writeCheckRun", marker, checkRun);
    this.checkRuns.set(marker, checkRun);
    return { url: `https://code.test/octo/fix-me/runs/${marker}` };
  }

  async remote(access: "read" | "write"): Promise<Remote> {
    this.#note("remote", access);
    return { url: this.remoteUrl };
  }

  async readFile(path: string): Promise<string | undefined> {
    this.#note("readFile", path);
    return this.files.get(path);
  }

  async publish(proposal: Proposal): Promise<PullRequest> {
    this.#note("publish", proposal);
    await proposal.push({ url: this.remoteUrl });
    const known = this.pullRequests.get(proposal.branch);
    const number = 100 + this.pullRequests.size;
    const { headSha, baseSha } = proposal;
    const url = `https://code.test/octo/fix-me/pull/${number}`;
    const pullRequest = known ?? { number, url, draft: true, headSha, baseSha };
    this.pullRequests.set(proposal.branch, pullRequest);
    return pullRequest;
  }

  async pullRequest(number: number): Promise<PullRequestState> {
    this.#note("pullRequest", number);
    const pull = this.pulls.get(number);
    if (pull !== undefined) return pull;
    throw new Failure("not-permitted", "not-found", `There is no pull request ${number}.`);
  }

  async mergeBase(branch: string, headSha: string): Promise<string> {
    this.#note("mergeBase", branch, headSha);
    return this.mergeBaseSha;
  }

  async writePullRequestBody(number: number, body: string): Promise<void> {
    this.#note("writePullRequestBody", number, body);
    const pull = this.pulls.get(number);
    if (pull !== undefined) this.pulls.set(number, { ...pull, body });
  }

  #note(name: string, ...args: unknown[]): void {
    const at = this.#faults.findIndex((fault) => fault.name === name);
    const [fault] = at < 0 ? [] : this.#faults.splice(at, 1);
    if (fault !== undefined) throw fault.error;
    this.calls.push({ name, args });
  }
}
