import { describe, expect, it } from "vitest";
import { assemble, BadAnswer } from "../../../../src/agent/models/chat-wire.ts";

const estimate = { inputTokens: 9_000, maxOutputTokens: 500 };

function answer(finish: unknown, more: object = {}) {
  const assembly = assemble();
  assembly.add({ choices: [{ delta: { content: "Hello" } }] });
  assembly.add({ choices: [{ delta: {}, finish_reason: finish }], ...more });
  return assembly.answer(estimate);
}

describe("an answer", () => {
  it.each([["stop"], ["tool_calls"], ["end_turn"]])("is whole when it ends with %s", (finish) => {
    expect(answer(finish)).toMatchObject({ text: "Hello", stop: "end" });
  });

  it.each([[null], [undefined], [""], ["error"]])("that ends with %s broke off", (finish) => {
    expect(() => answer(finish)).toThrow(BadAnswer);
  });

  it("without its own count is charged at the upper estimate", () => {
    expect(answer("stop").usage).toEqual({
      inputTokens: 9_000,
      cachedInputTokens: 0,
      outputTokens: 500,
      estimated: true,
    });
    const usage = { prompt_tokens: 100, completion_tokens: 7 };
    expect(answer("stop", { usage }).usage).toMatchObject({ inputTokens: 100, estimated: false });
  });
});
