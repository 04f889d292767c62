import { describe, expect, test } from "vitest";
import { createLog } from "../../src/log.ts";
import { createDockerProvider } from "../../src/sandbox/providers/docker/docker-provider.ts";
import { ensureImage } from "../../src/sandbox/providers/docker/image.ts";
import { docker, SPEC, sh } from "./sandbox-fixture.ts";

const BUILD_TIMEOUT_MS = 1_200_000;
const provider = createDockerProvider({
  env: process.env,
  log: createLog("warn"),
  weakAllowed: true,
});

/** A program of the language, written, compiled where it is compiled, and run. */
const HELLO: Readonly<Record<string, readonly [script: string, said: RegExp]>> = {
  node: [`echo 'console.log("hello", process.version)' > a.js; node a.js`, /^hello v24\./],
  plain: ["git init -q . && bash -c 'echo hello'", /^hello/],
  python: [
    `echo 'print("hello")' > a.py; python -m venv /tmp/v && /tmp/v/bin/pip --version >&2 && /tmp/v/bin/python a.py`,
    /^hello/,
  ],
  "node-22": [`echo 'console.log("hello", process.version)' > a.js; node a.js`, /^hello v22\./],
  "node-20": [`echo 'console.log("hello", process.version)' > a.js; node a.js`, /^hello v20\./],
  go: [
    `go mod init a 2>/dev/null; printf 'package main\\nfunc main() { println("hello") }\\n' > a.go; go build -o a . && ./a 2>&1`,
    /^hello/,
  ],
  rust: [
    `cargo init --quiet --name a . && sed -i s/Hello/hello/ src/main.rs && cargo run --quiet --offline`,
    /^hello/,
  ],
  java: [
    `printf 'class A { public static void main(String[] a) { System.out.println("hello"); } }' > A.java; javac A.java && java A && mvn --version >&2`,
    /^hello/,
  ],
};

/** These build in well under two minutes; TEST_IMAGES=all takes them all. */
const QUICK = ["node", "plain", "python"];
const all = process.env["TEST_IMAGES"] === "all";
const limits = { cpus: 2, memoryMiB: 2048, pids: 512, workspaceMiB: 1024 };

describe.each(all ? Object.keys(HELLO) : QUICK)("the image %s", (name) => {
  const [script, said] = HELLO[name] ?? ["exit 1", /never/];

  test(
    "builds, and its jobs are uid 1000 and work without a network",
    async () => {
      await ensureImage(docker, name);
      await using sandbox = await provider.create({ ...SPEC, image: name, limits });
      const options = { timeoutMs: 300_000 };
      expect((await sh(sandbox, "id -u; id -un; pwd", options)).out).toBe(
        "1000\njob\n/workspace\n",
      );
      const hello = await sh(sandbox, script, options);
      expect(hello).toMatchObject({ end: "exit", exitCode: 0, out: expect.stringMatching(said) });
    },
    BUILD_TIMEOUT_MS,
  );

  test("nothing that a job could change outside its own folders, and the guest's Node off its path", async () => {
    await using sandbox = await provider.create({ ...SPEC, image: name, limits });
    const find = "find /opt /usr /etc /var -xdev -writable -not -type l 2>/dev/null; echo $PATH";
    const { out } = await sh(sandbox, find);
    expect(out).toBe("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
  });
});
