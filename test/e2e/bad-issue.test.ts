import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { DunlinProcess } from "./dunlin-process.ts";
import { MAINTAINER, OUTSIDER, REPOSITORY, type Stage, setStage } from "./stage.ts";
import { TOY_FILES } from "./toy-repository.ts";
import { leftOf } from "./traces.ts";

const TRIAGER = "terry";
const AGAIN = "put the label on again or comment `@dunlin fix`.";

function manifest(more: object): string {
  return `${JSON.stringify({ name: "toy", version: "1.0.0", type: "module", ...more })}\n`;
}

const SERVICE_TEST = `import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";

test("reads from the database", async () => {
  await once(net.connect(5432, "127.0.0.1"), "connect");
});
`;

const POINTER = `version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
`;

type Case = {
  readonly files: Readonly<Record<string, string>>;
  readonly when: string;
  /** The whole paragraph, or its beginning where a log follows. */
  readonly says: string;
};

const CASES: Readonly<Record<string, Case>> = {
  "no-test-script": {
    files: { "package.json": manifest({}), "index.js": "export const a = 1;\n" },
    when: "while reading the repository",
    says: "package.json has no test script and no file for node:test was found, so nothing could be proven. Set `test` (and `install`, if needed) in .github/dunlin.yml, or add a test script.",
  },
  "no-package": {
    files: { "main.py": "print(1)\n" },
    when: "while reading the repository",
    says: "There is no package.json at the top of the repository, and no other language's tests were found, so it is not known how to test it. Set `test` (and `install`, if needed) in .github/dunlin.yml.",
  },
  submodules: {
    files: { ...TOY_FILES, ".gitmodules": '[submodule "a"]\n\tpath = a\n\turl = ../a\n' },
    when: "while reading the repository",
    says: "The repository uses git submodules (`.gitmodules`), which Dunlin can't fetch. Ask on a repository without them.",
  },
  "lfs-pointers": {
    files: { ...TOY_FILES, ".gitattributes": "*.bin filter=lfs\n", "big.bin": POINTER },
    when: "while reading the repository",
    says: "The repository keeps files in git LFS (`big.bin`), which Dunlin can't fetch. Ask on a repository without LFS files.",
  },
  "private-package": {
    files: {
      ...TOY_FILES,
      "package.json": manifest({
        scripts: { test: "node --test" },
        dependencies: { "@dunlin-test-private/nobody-has-it": "1.0.0" },
      }),
    },
    when: "while setting up the sandbox and the dependencies",
    says: "The installation needs `@dunlin-test-private/nobody-has-it`, which the registry doesn't give out without credentials. The operator can give Dunlin one (DUNLIN_REGISTRIES), and it stays outside of the sandbox; or set `install` in .github/dunlin.yml to a command that does without the package.",
  },
  "needs-a-service": {
    files: {
      "package.json": manifest({ scripts: { test: "node --test" } }),
      "test/database.test.js": SERVICE_TEST,
    },
    when: "while running the suite of the base commit",
    says: "All tests fail because they need a service (127.0.0.1:5432) that the sandbox doesn't have. Set `test` in .github/dunlin.yml to a command that works there without it.",
  },
  "broken-settings": {
    files: { ...TOY_FILES, ".github/dunlin.yml": "tests: npm test\n" },
    when: "before anything was fetched",
    says: '.github/dunlin.yml is not valid: Unrecognized key: "tests". It may have the keys image, install, test, reports, build, lint and types. Correct it on the default branch.',
  },
  "unknown-image": {
    files: { ...TOY_FILES, ".github/dunlin.yml": "image: fortran\n" },
    when: "before anything was fetched",
    says: ".github/dunlin.yml is not valid: image: must be one of node, node-22, node-20, python, go, rust, java, plain, which the operator allows. It may have the keys image, install, test, reports, build, lint and types. Correct it on the default branch.",
  },
};

let stage: Stage;
let dunlin: DunlinProcess;
let temporary: string;

/** What Dunlin has written on an issue, without the marker that nobody sees. */
function answers(repository: string, issue: number): string[] {
  return [...stage.github.repository(repository).comments.values()]
    .filter((comment) => comment.issueNumber === issue && comment.author.login.endsWith("[bot]"))
    .map((comment) => comment.body.replace(/^<!--.*-->\n/, ""));
}

/** Issue and label stay as they were but for the answer; gives that, once it is there. */
async function oneAnswer(repository: string, issue: number, about: RegExp): Promise<string> {
  const known = await vi.waitFor(
    () => {
      const found = answers(repository, issue);
      expect(found.join("\n")).toMatch(about);
      return found;
    },
    { timeout: 300_000, interval: 200 },
  );
  expect(known).toHaveLength(1);
  return known[0] ?? "";
}

async function newIssue(repository = REPOSITORY): Promise<number> {
  const text = { title: "It breaks", body: "Please mend it.", author: OUTSIDER };
  return (await stage.github.openIssue(repository, text)).number;
}

beforeAll(async () => {
  stage = await setStage({ script: [], checkResponses: false });
  temporary = join(stage.folder, "tmp");
  await mkdir(temporary);
  stage.github.setPermission(REPOSITORY, TRIAGER, "triage");
  for (const [name, { files }] of Object.entries(CASES)) {
    await stage.github.seedRepository(`acme/${name}`, files, { roles: { [MAINTAINER]: "write" } });
  }
  dunlin = await stage.start({ TMPDIR: temporary });
});
afterAll(async () => stage?.[Symbol.asyncDispose]());

describe("a repository that can't be worked on", () => {
  const issues = new Map<string, number>();

  beforeAll(async () => {
    for (const name of Object.keys(CASES)) {
      const repository = `acme/${name}`;
      const issue = await newIssue(repository);
      issues.set(name, issue);
      await stage.github.label(repository, issue, "dunlin", MAINTAINER);
    }
  });

  it.each(Object.entries(CASES))(
    "%s is told in one comment with the next step",
    async (name, bad) => {
      const issue = issues.get(name) ?? 0;
      const text = await oneAnswer(`acme/${name}`, issue, /\*\*Next:\*\*/);
      const [headline, says, ...rest] = text.split("\n\n");
      expect(headline).toBe(`**Dunlin can't do this as it stands.** It ended ${bad.when}.`);
      expect(says).toBe(bad.says);
      expect(rest).toContain(`**Next:** Mend that, then ${AGAIN}`);
      expect(stage.github.repository(`acme/${name}`).issues.get(issue)?.labels).toEqual([]);
    },
  );

  it("costs no model request, and leaves no container, temporary file or open run", async () => {
    const ended = () => dunlin.lines.filter((line) => line.msg === "run ended");
    await vi.waitFor(() => expect(ended()).toHaveLength(issues.size), { timeout: 300_000 });
    const runs = ended().map((line) => String(line["run"]));
    expect(await leftOf(dunlin.lines, runs)).toEqual([]);
    const left = await readdir(temporary);
    expect(left.filter((name) => name !== "node-compile-cache")).toEqual([]);
    expect(stage.model.requests).toEqual([]);
    for (const line of ended())
      expect(line).toMatchObject({ summary: { run: { state: "failed" } } });
  });
});

describe("a request that can't be followed", () => {
  it("on an empty repository says to push first", async () => {
    await stage.github.seedRepository("acme/empty", {}, { roles: { [MAINTAINER]: "write" } });
    const issue = await newIssue("acme/empty");
    await stage.github.label("acme/empty", issue, "dunlin", MAINTAINER);
    expect(await oneAnswer("acme/empty", issue, /./)).toBe(
      "This repository has no commits yet, so there is nothing to work on. Push a first commit, then ask again.",
    );
  });

  it("on a closed issue says to reopen it, and takes the label off", async () => {
    const issue = await newIssue();
    await stage.github.editIssue(REPOSITORY, issue, { state: "closed" }, MAINTAINER);
    await stage.github.label(REPOSITORY, issue, "dunlin", MAINTAINER);
    expect(await oneAnswer(REPOSITORY, issue, /./)).toBe(
      "This issue is closed, so nothing was started. Reopen it, then put the label `dunlin` on again or comment `@dunlin fix`.",
    );
    await vi.waitFor(() => {
      expect(stage.github.repository(REPOSITORY).issues.get(issue)?.labels).toEqual([]);
    }, 60_000);
  });

  it("on a pull request says where to ask", async () => {
    const pull = await openPullRequest();
    stage.github.comment(REPOSITORY, pull, "@dunlin fix", MAINTAINER);
    expect(await oneAnswer(REPOSITORY, pull, /./)).toBe(
      "Dunlin works on issues, and this is a pull request, so nothing was done. Comment `@dunlin fix` or an instruction on the issue. Here it takes `@dunlin verify`, `@dunlin accept-test-change NAME` and `@dunlin stop`.",
    );
  });

  it("with an unknown command says which there are", async () => {
    const issue = await newIssue();
    stage.github.comment(REPOSITORY, issue, "@dunlin frobnicate", MAINTAINER);
    const text = await oneAnswer(REPOSITORY, issue, /./);
    expect(text).toMatch(
      /^There is no command `frobnicate`, so nothing was started\. To give an instruction, write it as a sentence\.\n\n/,
    );
    for (const word of ["fix", "stop", "help"]) expect(text).toContain(`\`@dunlin ${word}\``);
  });

  it("to stop where nothing runs says so", async () => {
    const issue = await newIssue();
    stage.github.comment(REPOSITORY, issue, "@dunlin stop", MAINTAINER);
    expect(await oneAnswer(REPOSITORY, issue, /./)).toBe(
      "Dunlin could not do that. No run is under way here, so there is nothing to stop.",
    );
  });

  it.each<[string, (issue: number) => unknown]>([
    ["a label", (issue) => stage.github.label(REPOSITORY, issue, "dunlin", TRIAGER)],
    ["a comment", (issue) => stage.github.comment(REPOSITORY, issue, "@dunlin fix", OUTSIDER)],
  ])("because %s is by somebody without write access says who can ask", async (_what, ask) => {
    const issue = await newIssue();
    await ask(issue);
    expect(await oneAnswer(REPOSITORY, issue, /./)).toBe(
      "Dunlin takes requests only from people with write access to this repository, so nothing was started. A maintainer can ask by commenting `@dunlin fix`.",
    );
  });

  it("starts nothing: GitHub's rules are kept, nothing is pushed, no request is unread", async () => {
    await stage.github.settled();
    expect(stage.github.pushes.filter(({ by }) => by.endsWith("[bot]"))).toEqual([]);
    expect(stage.github.violations).toEqual([]);
    expect(stage.model.requests).toEqual([]);
  });
});

describe("an engine that doesn't answer", () => {
  it("is told in one comment with the next step", async () => {
    await dunlin.stop();
    await stage.start({ DOCKER_HOST: "unix:///none.sock" });
    const issue = await stage.ask();
    const text = await oneAnswer(REPOSITORY, issue, /\*\*Next:\*\*/);
    expect(text.split("\n\n")).toEqual([
      "**Something that Dunlin needs was not there.** It ended before anything was fetched.",
      "No container engine answers (connect ENOENT /none.sock). Start Docker, or set DOCKER_HOST to where it listens.",
      "Nothing was changed.",
      `**Next:** Once that is there, ${AGAIN}`,
      expect.stringMatching(/^<sub>run `\w+` · `unavailable\/engine-down`<\/sub>$/),
    ]);
  });
});

async function openPullRequest(): Promise<number> {
  const { github } = stage;
  const branch = { branch: "topic", message: "Topic", files: { "a.txt": "a\n" } };
  await github.push(REPOSITORY, branch, MAINTAINER);
  const answer = await fetch(`${github.url}/repos/${REPOSITORY}/pulls`, {
    method: "POST",
    headers: {
      authorization: `token ${github.personToken(MAINTAINER)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ title: "Topic", head: "topic", base: "main" }),
  });
  return ((await answer.json()) as { number: number }).number;
}
