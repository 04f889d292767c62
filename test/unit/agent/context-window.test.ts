import { expect, test } from "vitest";
import { elideOldOutput, estimateTokens, openWindow } from "../../../src/agent/context-window.ts";
import type { Message } from "../../../src/agent/model.ts";

/** A conversation of `count` shell calls with about `tokens` tokens of output each. */
function conversation(count: number, tokens: number): Message[] {
  const turns = Array.from({ length: count }, (_, index): Message[] => [
    { role: "assistant", text: "", calls: [{ id: `c${index}`, tool: "shell", input: "{}" }] },
    { role: "tool", callId: `c${index}`, text: "1234567\n".repeat(tokens / 2) },
  ]);
  return [{ role: "system", text: "s" }, { role: "user", text: "u" }, ...turns.flat()];
}

const usage = { cachedInputTokens: 0, outputTokens: 0, estimated: false };
const SIZE = { contextWindow: 200_000, maxOutputTokens: 16_000 };

test("below 60 % of the window nothing changes", () => {
  const messages = conversation(11, 10_000);
  expect(openWindow(SIZE).fit(messages) === messages).toBe(true);
});

test("above it old tool output is left out in one batch, the newest 40,000 tokens stay", () => {
  const messages = conversation(13, 10_000);
  const fitted = openWindow(SIZE).fit(messages) ?? [];
  const outputs = fitted.filter((message) => message.role === "tool");
  const elided = outputs.filter((message) => message.text.startsWith("["));
  expect(elided).toHaveLength(9);
  expect(outputs.slice(9)).toEqual(messages.filter((each) => each.role === "tool").slice(9));
  expect(elided[0]?.text).toBe("[output of shell left out, 5001 lines; call it again if needed]");
  expect(fitted.filter((message) => message.role !== "tool")).toEqual(
    messages.filter((message) => message.role !== "tool"),
  );
});

test("a batch that would save little is not made", () => {
  const messages = conversation(13, 10_000);
  const text = "x".repeat(480_000);
  const big: Message[] = [{ role: "user", text }, ...messages.slice(-8)];
  expect(openWindow(SIZE).fit(big) === big).toBe(true);
});

test("what can't be made to fit is said", () => {
  const messages: Message[] = [{ role: "user", text: "x".repeat(800_000) }];
  expect(openWindow(SIZE).fit(messages)).toBeUndefined();
});

test("the server's own count corrects the estimate", () => {
  const messages = conversation(11, 10_000);
  const window = openWindow(SIZE);
  window.observe(messages, { ...usage, inputTokens: estimateTokens(messages) * 1.5 });
  expect(window.fit(messages) === messages).toBe(false);
  const guessed = openWindow(SIZE);
  guessed.observe(messages, { ...usage, inputTokens: 900_000, estimated: true });
  expect(guessed.fit(messages) === messages).toBe(true);
});

test("the room for answers is at most a quarter of the window and doubles once", () => {
  const window = openWindow(SIZE);
  expect(window.maxOutputTokens()).toBe(16_000);
  window.allowLongerAnswer();
  window.allowLongerAnswer();
  expect(window.maxOutputTokens()).toBe(32_000);
  expect(openWindow({ ...SIZE, contextWindow: 8_000 }).maxOutputTokens()).toBe(2_000);
});

test("squeezing keeps the newest output only, and says when there is nothing left", () => {
  const window = openWindow(SIZE);
  const squeezed = window.squeeze(conversation(4, 10_000)) ?? [];
  const outputs = squeezed.filter((message) => message.role === "tool");
  expect(outputs.map((message) => message.text.startsWith("["))).toEqual([true, true, true, false]);
  expect(window.squeeze(squeezed)).toBeUndefined();
});

test("leaving out twice changes nothing more", () => {
  const once = elideOldOutput(conversation(5, 1_000), 1_500);
  expect(elideOldOutput(once, 1_500)).toEqual(once);
});

test("characters of other scripts count for more than ASCII", () => {
  const ascii = estimateTokens([{ role: "user", text: "a".repeat(1_000) }]);
  expect(estimateTokens([{ role: "user", text: "漢".repeat(1_000) }])).toBeGreaterThan(ascii * 2);
});
