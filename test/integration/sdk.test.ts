import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createSandboxes } from "../../src/sandbox-sdk.ts";
import { useStateFolder } from "./state-folder.ts";

const run = promisify(execFile);
const SDK = join(process.cwd(), "src/sandbox-sdk.ts");
const folder = useStateFolder();
const readme = await readFile("README.md", "utf8");
const [example = ""] = readme
  .split("```ts\n")
  .slice(1)
  .map((rest) => rest.split("```")[0] ?? "");

test("the README's example runs, says what it says there, and ends by itself", async () => {
  const program = join(folder.path, "example.ts");
  await writeFile(program, example.replace('"dunlin/sandbox"', `"${pathToFileURL(SDK)}"`));
  const env = { ...process.env, DUNLIN_DATA_DIR: join(folder.path, "data") };
  const { stdout, stderr } = await run(process.execPath, [program], { env });
  const { capabilities } = await createSandboxes({ env }).probe();
  const size = "console.log('hello from inside')".length;
  const kept = capabilities?.snapshot === true ? `kept ${size} bytes\n` : "";
  expect({ stdout, stderr }).toEqual({
    stdout: `hello from inside\nexit 0\n${kept}`,
    stderr: "",
  });
});

test("the README's example has no fault in its types", async () => {
  await writeFile(join(folder.path, "typed.mts"), example);
  const config = {
    extends: join(process.cwd(), "tsconfig.json"),
    compilerOptions: {
      noEmit: true,
      types: ["node"],
      typeRoots: [join(process.cwd(), "node_modules/@types")],
      paths: { "dunlin/sandbox": [SDK], "*": [join(process.cwd(), "node_modules/*")] },
    },
    include: [join(folder.path, "typed.mts")],
  };
  await writeFile(join(folder.path, "tsconfig.json"), JSON.stringify(config));
  const checked = run("tsc", ["-p", folder.path]).catch(({ stdout }) => ({ stdout }));
  expect((await checked).stdout).toBe("");
});

test("a sandbox needs no more than a call, and is listed and gone as others are", async () => {
  const labels = { test: `sdk-${process.pid}` };
  const sandboxes = createSandboxes({ env: process.env, labels, allowWeak: true });
  const ids = async () => (await sandboxes.list(labels)).map(({ id }) => id);
  {
    await using sandbox = await sandboxes.create();
    expect(await ids()).toEqual([sandbox.id]);
    const { stdout } = await sandbox.exec(["id", "-u"], { timeoutMs: 60_000 });
    expect(new TextDecoder().decode(stdout)).toBe("1000\n");
  }
  expect(await ids()).toEqual([]);
});
