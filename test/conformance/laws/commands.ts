import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { CANARY } from "../canary.ts";
import type { Law } from "../law.ts";
import { ALL_BYTES, bytes, fails, PATIENCE_MS, probe, sh, succeeded, text } from "../shell.ts";

const ODD = [
  "",
  " ",
  "'",
  '"',
  "$HOME",
  "`id`",
  "$(id)",
  "\\",
  "a\nb",
  "\t",
  "*",
  "-n",
  "%s",
  "ü€🙂",
];
export const COUNT_DESCRIPTORS = "ls /proc/self/fd | wc -l";
const PRINT_ARGUMENTS = `printf '%s\\0' "$@"`;

/** What a command is given: its arguments, its folder, its environment, its input. */
export const COMMAND_LAWS: readonly Law[] = [
  {
    promise: "Arguments arrive byte for byte: quotes, line ends, dollars, empty ones.",
    async check({ shared }) {
      const sandbox = await shared();
      const argv = ["/bin/sh", "-c", PRINT_ARGUMENTS, "sh", ...ODD];
      const { stdout } = await sandbox.exec(argv, { timeoutMs: PATIENCE_MS });
      assert.deepEqual(text(stdout).split("\0").slice(0, -1), ODD);
    },
  },
  {
    promise: "An argument of 100,000 bytes arrives whole or is refused, and is never cut.",
    async check({ shared }) {
      const sandbox = await shared();
      const argv = ["/bin/sh", "-c", `printf %s "$1"`, "sh", "long ".repeat(20_000)];
      const result = await sandbox.exec(argv, { timeoutMs: PATIENCE_MS }).catch(async (error) => {
        await fails(Promise.reject(error), "invalid-request/argument-too-long");
      });
      if (result !== undefined) assert.equal(text(result.stdout), argv.at(-1));
    },
  },
  {
    promise: "An argument that is too long is refused, and the sandbox goes on.",
    async check({ shared }) {
      const sandbox = await shared();
      const work = sh(sandbox, `: ${"x".repeat(300_000)}`);
      await fails(work, "invalid-request/argument-too-long");
      assert.equal((await sh(sandbox, "echo fine")).out, "fine\n");
    },
  },
  {
    promise: "A NUL byte in an argument, a folder or a variable is refused.",
    async check({ shared }) {
      const sandbox = await shared();
      const timeoutMs = PATIENCE_MS;
      await fails(sandbox.exec(["echo", "a\0b"], { timeoutMs }), "invalid-request");
      await fails(sandbox.exec(["echo"], { timeoutMs, cwd: "/tmp\0x" }), "invalid-request");
      await fails(sandbox.exec(["echo"], { timeoutMs, env: { A: "a\0b" } }), "invalid-request");
    },
  },
  {
    promise: "A command without a program is refused.",
    async check({ shared }) {
      const sandbox = await shared();
      await fails(sandbox.exec([], { timeoutMs: PATIENCE_MS }), "invalid-request");
      await fails(sandbox.exec(["", "x"], { timeoutMs: PATIENCE_MS }), "invalid-request");
    },
  },
  {
    promise: "A time of nothing, or less, is refused.",
    async check({ shared }) {
      const sandbox = await shared();
      for (const timeoutMs of [0, -1, Number.NaN]) {
        await fails(sandbox.exec(["true"], { timeoutMs }), "invalid-request");
      }
    },
  },
  {
    promise: "Values of variables arrive byte for byte.",
    async check({ shared }) {
      const sandbox = await shared();
      const env = Object.fromEntries(ODD.map((value, index) => [`ODD_${index}`, value]));
      const { stdout } = await sandbox.exec(["/usr/bin/env", "-0"], {
        env,
        timeoutMs: PATIENCE_MS,
      });
      assert.deepEqual(variablesIn(text(stdout), /^ODD_/), env);
    },
  },
  {
    promise: "A variable whose name is empty or has an equals sign is refused.",
    async check({ shared }) {
      const sandbox = await shared();
      for (const name of ["", "A=B"]) {
        const work = sandbox.exec(["true"], { env: { [name]: "x" }, timeoutMs: PATIENCE_MS });
        await fails(work, "invalid-request");
      }
    },
  },
  {
    promise: "A variable that a caller sets holds for that command only.",
    async check({ shared }) {
      const sandbox = await shared();
      await sh(sandbox, "true", { env: { ONCE: "set" } });
      assert.equal((await sh(sandbox, 'echo "[$ONCE]"')).out, "[]\n");
    },
  },
  {
    promise: "A command's environment is small, and nothing of the host's.",
    async check({ shared }) {
      const sandbox = await shared();
      const { stdout } = await sandbox.exec(["/usr/bin/env", "-0"], { timeoutMs: PATIENCE_MS });
      const variables = variablesIn(text(stdout), /^/);
      assert.ok(!text(stdout).includes(CANARY), "A variable of the host's is there.");
      assert.ok(Object.keys(variables).length <= 16, `There are ${Object.keys(variables)}.`);
      assert.ok(variables["PATH"]?.includes("/usr/bin"), "There is no PATH to find programs with.");
    },
  },
  {
    promise: "A command runs in the workspace unless told otherwise.",
    async check({ shared }) {
      assert.equal((await sh(await shared(), "pwd")).out, "/workspace\n");
    },
  },
  {
    promise:
      "A command runs in the folder that its caller names, also one that only its own user may enter.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      succeeded(
        await sh(sandbox, `mkdir -p -m 0700 '${folder}/a b' && chmod 0700 '${folder}/a b'`),
      );
      const { out } = await sh(sandbox, "pwd", { cwd: `${folder}/a b` });
      assert.equal(out, `${folder}/a b\n`);
    },
  },
  {
    promise: "A folder that isn't there, or is a file, is the caller's mistake.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      await sandbox.writeFiles([{ path: `${folder}/file`, data: bytes("x") }]);
      for (const cwd of [`${folder}/none`, `${folder}/file`]) {
        await fails(sh(sandbox, "true", { cwd }), "invalid-request");
      }
    },
  },
  {
    promise: "A relative folder is refused.",
    async check({ shared }) {
      await fails(sh(await shared(), "true", { cwd: "workspace" }), "invalid-request");
    },
  },
  {
    promise: "What one command writes, the next one reads: in the workspace, in /tmp and at home.",
    async check({ shared, folder }) {
      const sandbox = await shared();
      const name = folder.slice(folder.lastIndexOf("/") + 1);
      await sh(
        sandbox,
        `for f in /workspace/${name} /tmp/${name} ~/${name}; do echo kept > $f; done`,
      );
      const { out } = await sh(sandbox, `cat /workspace/${name} /tmp/${name} ~/${name}`);
      assert.equal(out, "kept\n".repeat(3));
    },
  },
  {
    promise: "Input arrives byte for byte, and its end with it.",
    async check({ shared }) {
      const sandbox = await shared();
      const stdin = Buffer.concat([ALL_BYTES, randomBytes(1024 ** 2 + 1)]);
      const options = { stdin, maxOutputBytes: 2 * 1024 ** 2, timeoutMs: PATIENCE_MS };
      const { stdout } = await sandbox.exec(["cat"], options);
      assert.equal(Buffer.compare(stdout, stdin), 0);
    },
  },
  {
    promise: "Input that comes in pieces arrives in their order.",
    async check({ shared }) {
      const stdin = (async function* () {
        for (let piece = 0; piece < 200; piece += 1) yield bytes(`${piece}\n`);
      })();
      const { out } = await sh(await shared(), "cat", { stdin });
      assert.equal(out, Array.from({ length: 200 }, (_, piece) => `${piece}\n`).join(""));
    },
  },
  {
    promise: "A command that was given no input finds its end at once.",
    async check({ shared }) {
      const result = await sh(await shared(), "cat; echo end", { timeoutMs: 20_000 });
      assert.deepEqual([result.end, result.out], ["exit", "end\n"]);
    },
  },
  {
    promise: "A command that leaves its input unread ends all the same.",
    async check({ shared }) {
      const result = await sh(await shared(), "exit 4", { stdin: endless(), timeoutMs: 20_000 });
      assert.deepEqual([result.end, result.exitCode], ["exit", 4]);
    },
  },
  {
    promise: "Input is taken from its source only as fast as the command reads it.",
    async check({ shared }) {
      let taken = 0;
      const stdin = endless((count) => {
        taken += count;
      });
      await sh(await shared(), "sleep 0.4", { stdin });
      assert.ok(taken < 8 * 1024 ** 2, `${taken} bytes were taken for a command that reads none.`);
    },
  },
  {
    promise:
      "When the source of the input fails, the command is ended and the caller gets that error.",
    async check({ shared }) {
      const sandbox = await shared();
      const stdin = (async function* () {
        yield bytes("x");
        throw new RangeError("the source broke");
      })();
      await assert.rejects(sh(sandbox, "cat; sleep 300", { stdin }), { name: "RangeError" });
      assert.equal((await sh(sandbox, "echo next")).out, "next\n");
    },
  },
  {
    promise: "A command has no terminal.",
    async check({ shared }) {
      const script = `for fd in 0 1 2; do test -t $fd && echo terminal $fd; done
        (: < /dev/tty) 2>/dev/null && echo controlled; true`;
      assert.equal((await sh(await shared(), script)).out, "");
    },
  },
  {
    promise: "A command inherits no descriptor but its own three.",
    async check({ shared }) {
      const { out } = await probe(await shared(), COUNT_DESCRIPTORS);
      assert.equal(out.trim(), "4", "`ls` itself has one more open, the folder.");
    },
  },
];

function variablesIn(output: string, wanted: RegExp): Record<string, string> {
  const entries = output.split("\0").filter((line) => line !== "" && wanted.test(line));
  return Object.fromEntries(
    entries.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

async function* endless(onTaken: (bytes: number) => void = () => {}): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(64 * 1024);
  for (;;) {
    onTaken(piece.length);
    yield piece;
  }
}
