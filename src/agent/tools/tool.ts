import { z } from "zod";
import type { Installed } from "../../check/install.ts";
import type { SuiteRun } from "../../check/suite.ts";
import type { FileWrite, Sandbox } from "../../sandbox/sandbox.ts";
import type { ToolSchema } from "../model.ts";

/** A file whose content the model knows; `sha` is the digest of the whole file when it saw or wrote it. */
export type SeenFile = { readonly path: string; readonly sha: string };

export type PlanStep = {
  readonly text: string;
  readonly status: "pending" | "in_progress" | "completed";
};

/** Plain JSON, because a resumed run gets it back from the journal. */
export type ToolOutcome = {
  readonly callId: string;
  readonly text: string;
  /** The call was not understood (unknown tool, input that doesn't fit); nothing ran. */
  readonly malformed?: true;
  readonly seen?: readonly SeenFile[];
  /**
   * The state that this call led to. One that was never there before is progress; one that comes back again and again
   * is going in circles. The caller may add `tree`, the digest of the whole workspace after a turn.
   */
  readonly reached?: {
    readonly what: "tree" | "tests" | `file:${string}`;
    readonly digest: string;
  };
  readonly plan?: readonly PlanStep[];
};

export type ToolResult = Omit<ToolOutcome, "callId" | "malformed">;

/** `base` means the base commit with only the tests of the change applied. */
export type TestRequest = {
  /** Relative to the workspace; all when empty. */
  readonly files: readonly string[];
  readonly name?: string;
  readonly scope: "targeted" | "full";
  readonly on: "head" | "base";
};

/** The set-up phase, once more: the one command for which the registries may be opened. */
export type SetUpAgain = {
  /** Shell text, as found on the base commit; undefined when nothing is installed there. */
  readonly command: string | undefined;
  /** Runs it, and closes the registries whatever happens. Throws as `install` does. */
  run(signal: AbortSignal): Promise<Installed>;
};

/** What a tool works with. */
export type Bench = {
  readonly sandbox: Sandbox;
  readonly runTests: (request: TestRequest, signal: AbortSignal) => Promise<SuiteRun>;
  readonly setUp: SetUpAgain;
  /** Shell text before each command: where the project's programs are, and its variables. */
  readonly prelude: string;
  /** Names content: equal bytes, equal text. */
  readonly digestOf: (data: Uint8Array) => string;
  /** Told of each file that a tool has written. */
  readonly wrote: (file: FileWrite) => void;
  /** Digest by absolute path of what the model has seen. */
  readonly seen: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
};

export type ParsedInput<Input> =
  | { readonly ok: true; readonly input: Input }
  | { readonly ok: false; readonly text: string };

export type ToolInput<Input> = {
  readonly schema: ToolSchema;
  /** Reads what the model wrote; the text of a failure tells it how to write it better. */
  parse(raw: string): ParsedInput<Input>;
};

export type Tool<Input> = ToolInput<Input> & {
  run(input: Input, bench: Bench): Promise<ToolResult>;
};

const SHOWN_INPUT_CHARS = 500;

/** A tool's name, description and input, once for the model and once for the check of what it wrote. */
export function toolInput<Shape extends z.ZodObject>(
  name: string,
  description: string,
  shape: Shape,
): ToolInput<z.output<Shape>> {
  const { $schema: _, ...parameters } = z.toJSONSchema(shape, { io: "input", target: "draft-7" });
  const schema: ToolSchema = { name, description, parameters };
  const refuse = (raw: string, why: string) => ({
    ok: false as const,
    text: [
      `Error: the input of ${name} ${why} Nothing was run.`,
      `Expected: ${JSON.stringify(parameters)}`,
      `Received: ${raw.slice(0, SHOWN_INPUT_CHARS)}`,
    ].join("\n"),
  });
  return {
    schema,
    parse(raw) {
      const json = parseObject(raw);
      if (json === undefined) return refuse(raw, "is not a JSON object.");
      const parsed = shape.safeParse(json);
      if (parsed.success) return { ok: true, input: parsed.data };
      const issues = parsed.error.issues.map((issue) => {
        const place = issue.path.join(".");
        return place === "" ? issue.message : `${place}: ${issue.message}`;
      });
      return refuse(raw, `doesn't fit its schema (${issues.join("; ")}).`);
    },
  };
}

/** A JSON object, or undefined. Absent and null are the same to models, so nulls at the top are dropped. */
export function parseObject(raw: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(raw === "" ? "{}" : raw);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
  } catch {
    return undefined;
  }
}
