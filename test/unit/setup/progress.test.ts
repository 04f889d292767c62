import { expect, test } from "vitest";
import { createProgress } from "../../../setup/progress.mjs";

function recorder(isTTY: boolean) {
  const written: string[] = [];
  return { written, out: { isTTY, write: (text: string) => written.push(text) } };
}

test("a finished part is one line with its name, its result and its time", async () => {
  const { written, out } = recorder(false);
  const times = [1000, 3500];
  const progress = createProgress(out, () => times.shift() ?? 0);
  const value = await progress.part("image", async () => ({ value: 7, summary: "ready" }));
  expect(value).toBe(7);
  expect(written.join("")).toMatch(/^ {2}image +ready +2\.5 s\n$/);
});

test("without a terminal every step is a line; on one the line is replaced", async () => {
  const work = async (say: (step: string) => void) => {
    say("pulling");
    return { value: undefined, summary: "ready" };
  };
  const plain = recorder(false);
  await createProgress(plain.out).part("image", work);
  expect(plain.written.join("").split("\n").length).toBe(3);
  const live = recorder(true);
  await createProgress(live.out).part("image", work);
  expect(live.written.join("").split("\n").length).toBe(2);
});

test("a failed part says so and passes the error on", async () => {
  const { written, out } = recorder(false);
  const broken = createProgress(out).part("image", () => Promise.reject(new Error("no disk")));
  await expect(broken).rejects.toThrow("no disk");
  expect(written.join("")).toContain("failed");
});
