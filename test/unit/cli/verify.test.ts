import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { packArchive } from "../../../src/attestation/host/archive.ts";
import { verify } from "../../../src/cli/verify.ts";
import { trustIn } from "../../fakes/bundle.ts";
import { bytes, flip, honest, key, signedAnew, stranger, withFile } from "../../fakes/tamper.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-verify-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "keys.json"), JSON.stringify(trustIn(key).keys));
  await writeFile(join(folder, "key.pem"), key.listed.publicKey);
});

async function run(...args: readonly string[]) {
  const said = { out: "", err: "" };
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.out += text;
    return true;
  });
  const err = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.err += text;
    return true;
  });
  try {
    return { code: await verify(args, {}), ...said };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

async function check(archive: Uint8Array, ...more: readonly string[]) {
  const file = join(folder, "evidence.tar");
  await writeFile(file, archive);
  return run(file, "--key", join(folder, "keys.json"), ...more);
}

describe("dunlin verify", () => {
  it("confirms a bundle by a list of keys or a single one, line by line", async () => {
    const { code, out } = await check(await packArchive(honest));
    expect(code).toBe(0);
    expect(out).toContain("✔ signature: Ed25519 by the key");
    expect(out.trimEnd().split("\n").at(-1)).toMatch(
      /^Confirmed: acme\/minimist at 2+ is verified/,
    );
    const file = join(folder, "evidence.tar");
    expect((await run(file, "--key", join(folder, "key.pem"))).code).toBe(0);
  });

  it("refuses every bundle of which one byte of one file was changed, and names the file", async () => {
    for (const file of honest) {
      const changed = withFile(honest, file.path, flip(file));
      const { code, out } = await check(await packArchive(changed));
      expect(code).toBe(1);
      expect(
        out
          .split("\n")
          .filter((line) => line.startsWith("✘"))
          .join("\n"),
      ).toContain(file.path);
    }
    expect(honest.length).toBeGreaterThan(20);
  });

  it("refuses one cut off, appended to, or signed by somebody else, also for programs", async () => {
    const whole = await packArchive(honest);
    expect(await check(whole.slice(0, 5000))).toMatchObject({ code: 1, out: /✘ archive/ });
    const longer = Buffer.concat([whole, bytes("more")]);
    expect((await check(longer)).out).toContain("Refused: archive.");
    const { code, out } = await check(await packArchive(signedAnew(honest, stranger)), "--json");
    const { result, points } = JSON.parse(out);
    expect([code, result]).toEqual([1, "refused"]);
    expect(points.find((one: { holds: boolean }) => !one.holds)).toMatchObject({ about: "key" });
  });

  it("refuses to run it again on a repository that doesn't have the base", async () => {
    execFileSync("git", ["init", "--quiet", join(folder, "other")]);
    const options = ["--rerun", "--repository", join(folder, "other")];
    const { code, out } = await check(await packArchive(honest), ...options);
    expect(code).toBe(1);
    expect(out).toContain("Refused: repository.");
  });

  it.each<[readonly string[], RegExp]>([
    [[], /Say what to verify/],
    [["a.tar"], /Say whose key you believe/],
    [["a.tar", "b.tar", "--key", "k"], /one argument too many/],
    [["a.tar", "--key", "nowhere.pem"], /There is no file nowhere.pem/],
    [["a.tar", "--key", "k", "--repository", "r"], /--repository goes with --rerun/],
    [["a.tar", "--what"], /Unknown option/],
  ])("ends %j as wrong usage", async (args, why) => {
    await expect(run(...args)).rejects.toThrow(why);
  });

  it("says when it couldn't be checked, which is no refusal", async () => {
    const link = "http://127.0.0.1:1/runs/r/evidence.tar?signature=secret";
    const { code, err } = await run(link, "--key", join(folder, "keys.json"));
    expect(code).toBe(3);
    expect(err).toContain("http://127.0.0.1:1/runs/r/evidence.tar can't be reached");
    expect(err).not.toContain("secret");
    await writeFile(join(folder, "keys.json"), "{}");
    expect((await run(link, "--key", join(folder, "keys.json"))).code).toBe(3);
  });
});
