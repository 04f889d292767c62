import { describe, expect, it } from "vitest";
import { createProgressLines, type Progress, printable } from "../../../src/local/terminal.ts";

const ended = (step: string, phase: string, ms: number, more: object = {}): Progress => ({
  state: "ended",
  step,
  phase,
  ms,
  ...more,
});

function shown(
  events: readonly Progress[],
  options: Partial<Record<"colour" | "notes" | "live", true>>,
) {
  let text = "";
  const show = createProgressLines(
    (part) => {
      text += part;
    },
    { colour: false, notes: false, live: false, ...options },
  );
  for (const event of events) show(event);
  return text;
}

describe("progress", () => {
  it("is one aligned line a phase and a turn, and tells what failed or was done before", () => {
    const text = shown(
      [
        ended("clone", "clone", 1_234),
        ended("turn-1-model", "turns", 100, { state: "replayed" }),
        ended("turn-1-plan", "turns", 5),
        ended("set-up", "setUp", 61_000, { failed: true }),
      ],
      {},
    );
    expect(text).toBe(
      [
        "  Clone it                         1.2 s",
        "  Turn 1, answer                   0.1 s  (done before)",
        "  Install its dependencies        61.0 s  failed",
        "",
      ].join("\n"),
    );
  });

  it("shows what is under way on a terminal only, below the notes", () => {
    const events: Progress[] = [
      { state: "started", step: "clone", phase: "clone", ms: 0 },
      { state: "note", note: "half of it" },
      ended("clone", "clone", 1_000),
    ];
    expect(shown(events, {})).toBe("  Clone it                         1.0 s\n");
    const clear = "\r\u001b[K";
    expect(shown(events, { live: true, notes: true })).toBe(
      `  Clone it …${clear}    half of it\n  Clone it …${clear}  Clone it                         1.0 s\n`,
    );
  });

  it("lets no text of others drive the terminal", () => {
    const note: Progress = { state: "note", note: "ls \u001b]0;owned\u0007\u009b2J" };
    expect(shown([note], { notes: true })).toBe("    ls �]0;owned��2J\n");
    expect(printable("a\tb\nc\r\u001b[2K")).toBe("a\tb\nc��[2K");
  });
});
