import { z } from "zod";
import type { Message, ModelAnswer, ModelRequest, ToolCall, Usage } from "../model.ts";

const callDelta = z.object({
  index: z.int().nonnegative().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

const delta = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(callDelta).nullish(),
});

const usageShape = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
  prompt_tokens_details: z
    .object({ cached_tokens: z.int().nonnegative().nullish() })
    .nullish()
    .catch(undefined),
});

/** A streamed chunk, or a whole answer of a server that doesn't stream. Unknown fields are ignored. */
const chunkShape = z.object({
  choices: z.array(
    z.object({
      delta: delta.nullish(),
      message: delta.nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: usageShape.nullish().catch(undefined),
});

/** What a server sent isn't an answer; worth another attempt. The message holds nothing of what it sent. */
export class BadAnswer extends Error {}

/** A request body of the Chat Completions API. Byte-stable: the same request gives the same bytes. */
export function chatBody(model: string, request: ModelRequest, outputLimit: string) {
  const tools = request.tools.map((tool) => ({
    type: "function" as const,
    function: { name: tool.name, description: tool.description, parameters: tool.parameters },
  }));
  return {
    model,
    messages: request.messages.map(chatMessage),
    // An empty list is refused by some servers.
    ...(tools.length === 0 ? {} : { tools }),
    [outputLimit]: request.maxOutputTokens,
    stream: true as const,
    stream_options: { include_usage: true },
  };
}

function chatMessage(message: Message) {
  switch (message.role) {
    case "tool":
      return { role: "tool" as const, tool_call_id: message.callId, content: message.text };
    case "assistant": {
      const content = message.text === "" ? null : message.text;
      if (message.calls.length === 0) return { role: "assistant" as const, content };
      return {
        role: "assistant" as const,
        content,
        tool_calls: message.calls.map((call) => ({
          id: call.id,
          type: "function" as const,
          function: { name: call.tool, arguments: call.input },
        })),
      };
    }
    default:
      return { role: message.role, content: message.text };
  }
}

type Piece = { id: string; tool: string; input: string };

export interface Assembly {
  /** Throws `BadAnswer` for anything that isn't a chunk. */
  add(chunk: unknown): void;
  /** Throws `BadAnswer` when the answer isn't complete. */
  answer(estimate: { readonly inputTokens: number; readonly maxOutputTokens: number }): ModelAnswer;
}

/** Puts the chunks of one answer together. */
export function assemble(): Assembly {
  const pieces = new Map<number, Piece>();
  let text = "";
  let finish: string | undefined;
  let refused = false;
  let usage: z.output<typeof usageShape> | undefined;
  const addPart = (part: z.output<typeof delta>) => {
    text += part.content ?? "";
    refused ||= (part.refusal ?? "") !== "";
    for (const call of part.tool_calls ?? []) {
      const piece = pieceOf(pieces, call);
      piece.tool += call.function?.name ?? "";
      piece.input += call.function?.arguments ?? "";
    }
  };
  return {
    add(raw) {
      const chunk = chunkShape.safeParse(raw);
      if (!chunk.success) throw new BadAnswer("it sent something that isn't a chat completion");
      usage = chunk.data.usage ?? usage;
      for (const choice of chunk.data.choices.slice(0, 1)) {
        addPart(choice.delta ?? choice.message ?? {});
        finish = choice.finish_reason ?? finish;
      }
    },
    answer({ inputTokens, maxOutputTokens }) {
      const calls = namedCalls([...pieces.values()]);
      const stop = stopOf(finish, calls.length, refused);
      const counted = usage === undefined ? undefined : countedUsage(usage);
      // Hidden reasoning may have been billed too, so nothing less than the limit is an upper estimate.
      const estimated = {
        inputTokens,
        cachedInputTokens: 0,
        outputTokens: maxOutputTokens,
        estimated: true,
      };
      return { text, calls, stop, usage: counted ?? estimated };
    },
  };
}

/** The piece that a delta continues. Some servers leave out the index: a new id is then a new call. */
function pieceOf(pieces: Map<number, Piece>, call: z.output<typeof callDelta>): Piece {
  const last = pieces.size - 1;
  const isNew = call.id != null && call.id !== "" && pieces.get(last)?.id !== call.id;
  const index = call.index ?? (isNew || last < 0 ? last + 1 : last);
  const piece = pieces.get(index) ?? { id: call.id ?? "", tool: "", input: "" };
  pieces.set(index, piece);
  return piece;
}

/** Ids unique within the answer, because each needs its own result. */
function namedCalls(pieces: readonly Piece[]): ToolCall[] {
  const used = new Set<string>();
  return pieces.map((piece, index) => {
    const id = piece.id === "" || used.has(piece.id) ? `call_${index}` : piece.id;
    used.add(id);
    return { id, tool: piece.tool, input: piece.input };
  });
}

function stopOf(finish: string | undefined, calls: number, refused: boolean): ModelAnswer["stop"] {
  if (finish === "content_filter") return "refused";
  if (finish === "length" || finish === "max_tokens") return "length";
  const ends = ["stop", "tool_calls", "function_call", "eos", "end_turn"];
  if (finish === undefined || !ends.includes(finish)) {
    throw new BadAnswer("its answer broke off");
  }
  if (calls > 0) return "calls";
  return refused ? "refused" : "end";
}

function countedUsage(usage: z.output<typeof usageShape>): Usage | undefined {
  if (usage.prompt_tokens === 0) return undefined;
  return {
    inputTokens: usage.prompt_tokens,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.completion_tokens,
    estimated: false,
  };
}
