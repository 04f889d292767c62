import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import { type Recorded, startRecorder } from "./recorder.ts";

/** One answer of the scripted model. `input` is sent as JSON, a string as it is (so it can be broken). */
export type Turn = {
  readonly text?: string;
  readonly calls?: readonly { readonly tool: string; readonly input: unknown }[];
  /** Instead of an answer: an error status. */
  readonly fails?: { readonly status: number; readonly message: string; readonly code?: string };
};

/** A function may wait, to hold an answer back. */
export type ScriptedTurn = Turn | ((request: ChatCompletionRequest) => Turn | Promise<Turn>);

export type ScriptedModel = {
  /** For `OPENAI_BASE_URL`. */
  readonly baseUrl: string;
  /** Every request so far, oldest first; also at `GET /recorded` of the same host. */
  readonly requests: readonly Recorded[];
  readonly close: () => Promise<void>;
};

/**
 * A model server that plays a script. The turn to play is the number of assistant messages in the request plus one, so
 * the server keeps no state: a request sent again gets the same answer, and a restarted client goes on where it was.
 */
export async function startScriptedModel(options: {
  readonly script: readonly ScriptedTurn[];
  readonly port?: number;
}): Promise<ScriptedModel> {
  const server = new LLMock({ host: "127.0.0.1", port: 0, strict: true });
  server.on({ predicate: () => true, endpoint: "chat" }, async (request) => {
    const turn = turnOf(request);
    const scripted = options.script[turn - 1];
    if (scripted === undefined) return failure(400, `The script has no turn ${turn}.`);
    return answer(typeof scripted === "function" ? await scripted(request) : scripted, request);
  });
  await server.start();
  const recorder = await startRecorder(server.url, options.port ?? 0);
  return {
    baseUrl: `${recorder.url}/v1`,
    requests: recorder.recorded,
    close: async () => {
      await recorder.close();
      await server.stop();
    },
  };
}

/** From 1. */
export function turnOf(request: ChatCompletionRequest): number {
  return request.messages.filter((message) => message.role === "assistant").length + 1;
}

/** The results of the last turn's calls, in order. */
export function lastResults(request: ChatCompletionRequest): string[] {
  const last = request.messages.findLastIndex((message) => message.role === "assistant");
  return request.messages
    .slice(last + 1)
    .filter((message) => message.role === "tool")
    .map((message) => String(message.content));
}

function answer(turn: Turn, request: ChatCompletionRequest) {
  if (turn.fails) return failure(turn.fails.status, turn.fails.message, turn.fails.code);
  const number = turnOf(request);
  const toolCalls = (turn.calls ?? []).map((call, index) => ({
    id: `call_${number}_${index}`,
    name: call.tool,
    arguments: typeof call.input === "string" ? call.input : JSON.stringify(call.input),
  }));
  const prompt = Math.ceil(JSON.stringify([request.messages, request.tools]).length / 4);
  const written = Math.ceil(JSON.stringify(turn).length / 4);
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: written,
    total_tokens: prompt + written,
  };
  const content = turn.text ?? "";
  if (toolCalls.length === 0) return { content, usage };
  return content === "" ? { toolCalls, usage } : { content, toolCalls, usage };
}

function failure(status: number, message: string, code = "scripted") {
  return { status, error: { message, type: "scripted", code } };
}

/** `node test/model/scripted-model.ts SCRIPT.json`: prints the base URL, serves until it is killed. */
async function main(file: string): Promise<void> {
  const script = JSON.parse(readFileSync(file, "utf8")) as Turn[];
  const model = await startScriptedModel({ script });
  process.stdout.write(`${model.baseUrl}\n`);
  // A test that started it with a channel may die without killing it.
  process.on("disconnect", () => process.exit());
}

const [, entry, file] = process.argv;
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) await main(file ?? "");
