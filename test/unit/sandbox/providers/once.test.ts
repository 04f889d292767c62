import { expect, test } from "vitest";
import { once } from "../../../../src/sandbox/providers/once.ts";

test("all who ask get the first answer, and a failure is asked about again", async () => {
  let asked = 0;
  const get = once(async (what: string) => {
    asked += 1;
    if (asked === 1) throw new Error("not yet");
    return `${what} ${asked}`;
  });
  const [first, meanwhile] = await Promise.allSettled([get("a"), get("b")]);
  expect([first.status, meanwhile.status, asked]).toEqual(["rejected", "rejected", 1]);
  expect(get.answer).toBeUndefined();
  expect(await Promise.all([get("c"), get("d")])).toEqual(["c 2", "c 2"]);
  expect(await get("e")).toBe("c 2");
  expect(get.answer).toBe("c 2");
});
