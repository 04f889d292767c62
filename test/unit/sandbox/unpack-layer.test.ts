import { expect, it } from "vitest";
import type { ExecOptions, ExecResult, Layer } from "../../../src/sandbox/sandbox.ts";
import { unpackArgv, unpackFailure, unpackLayer } from "../../../src/sandbox/unpack-layer.ts";

const layer: Layer = { digest: "sha256:x", into: "/workspace/a b", open: async function* () {} };

function answering(more: Partial<ExecResult>) {
  const asked: { argv: readonly string[]; options: ExecOptions }[] = [];
  const done = { end: "exit", exitCode: 0, stderr: new Uint8Array() } as ExecResult;
  const exec = async (argv: readonly string[], options: ExecOptions) => {
    asked.push({ argv, options });
    return { ...done, ...more };
  };
  return { asked, exec };
}

it("a tar, or what the layer names, reads the stream in the layer's folder", async () => {
  expect(unpackArgv(layer).slice(4)).toEqual(["/workspace/a b", "tar", "-x", "-f", "-"]);
  const sandbox = answering({});
  await unpackLayer(sandbox, { ...layer, unpack: ["my", "$program"] });
  expect(sandbox.asked[0]?.argv.slice(4)).toEqual(["/workspace/a b", "my", "$program"]);
  expect(sandbox.asked[0]?.options.cwd).toBe("/");
});

it.each([
  [{ end: "exit", exitCode: 2 }, "tar: odd", "layer-not-unpacked"],
  [{ end: "exit", exitCode: 2 }, "tar: x: No space left on device", "workspace-full"],
  [{ end: "timeout", exitCode: null }, "", "workspace-full"],
  [{ end: "lost", exitCode: null }, "", "sandbox-lost"],
] as const)("%j is told from the others", async (end, said, code) => {
  expect(unpackFailure(end, said)).toMatchObject({ code });
  const sandbox = answering({ ...end, stderr: new TextEncoder().encode(said) });
  await expect(unpackLayer(sandbox, layer)).rejects.toMatchObject({ code });
});

it("whoever doesn't want it any more gets the reason they gave", async () => {
  const signal = AbortSignal.abort(new Error("no more"));
  const sandbox = answering({ end: "killed", exitCode: null });
  await expect(unpackLayer(sandbox, layer, { signal })).rejects.toThrow("no more");
});
