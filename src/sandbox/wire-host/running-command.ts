import { FRAME, type Frame, MAX_PAYLOAD_BYTES } from "../wire/frame.ts";
import type { ExecReport } from "../wire/message.ts";
import {
  createReceiveWindow,
  createSendWindow,
  decodeCredit,
  encodeCredit,
} from "../wire/window.ts";
import { createCapture } from "./capture.ts";
import type { Channel, Connection } from "./connection.ts";
import type { Command } from "./exec.ts";
import { release } from "./released.ts";
import { readExecReport } from "./untrusted.ts";

/** What the guest gets on top of a command's own time to end it and to say so. */
const GRACE_MS = 5_000;
const DEFAULT_MAX_OUTPUT_BYTES = 1024 ** 2;
const DEFAULT_KILL_AFTER_BYTES = 64 * 1024 ** 2;

/** `deadline`: the guest let it pass, so the connection was closed. `lost`: it closed for another reason. */
export type CommandEnd = ExecReport | "deadline" | "lost";

/** One command in progress: feeds its input, takes its output, keeps its deadline. */
export class RunningCommand {
  /** Settles when the command is over and its output consumed; rejects when a callback or the input failed. */
  readonly ended: Promise<CommandEnd>;
  /** Set when the caller's signal or the output limit asked for the end. */
  stoppedBy: "killed" | undefined;

  readonly #command: Command;
  readonly #connection: Connection;
  readonly #channel: Channel;
  readonly #stdout;
  readonly #stderr;
  readonly #receiving = createReceiveWindow();
  readonly #sending = createSendWindow();
  readonly #over = Promise.withResolvers<CommandEnd>();
  #outputBytes = 0;
  /** Output that the caller hasn't dealt with yet. */
  #held = 0;
  #consumed: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;
  #deadline: NodeJS.Timeout;
  #wakeInput: () => void = () => {};

  constructor(connection: Connection, request: Uint8Array, command: Command) {
    this.#command = command;
    this.#connection = connection;
    const maxBytes = command.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
    this.#stdout = createCapture(maxBytes);
    this.#stderr = createCapture(maxBytes);
    this.#deadline = this.#armDeadline(command.timeoutMs + GRACE_MS);
    this.#channel = connection.open(request, (frame) => this.#receive(frame));
    void connection.closed.then(() => this.#over.resolve("lost"));
    command.signal?.addEventListener("abort", this.#kill);
    if (command.signal?.aborted) this.#kill();
    if (command.stdin !== undefined) void this.#feed(command.stdin);
    this.ended = this.#finish();
  }

  output(): { stdout: Uint8Array; stderr: Uint8Array; droppedBytes: number } {
    return {
      stdout: this.#stdout.bytes(),
      stderr: this.#stderr.bytes(),
      droppedBytes: this.#stdout.droppedBytes + this.#stderr.droppedBytes,
    };
  }

  async #finish(): Promise<CommandEnd> {
    const end = await this.#over.promise;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#command.signal?.removeEventListener("abort", this.#kill);
    this.#channel.close();
    this.#wakeInput();
    await this.#consumed;
    if (this.#failure !== undefined) throw this.#failure.error;
    return end;
  }

  #receive({ type, payload }: Frame): void {
    if (type === FRAME.data) this.#take(payload);
    else if (type === FRAME.window) {
      this.#sending.grant(decodeCredit(payload));
      this.#wakeInput();
    } else if (type === FRAME.result) this.#over.resolve(readExecReport(payload));
    else throw new Error(`A frame of type ${type} has no place in a command's stream.`);
  }

  #take(payload: Uint8Array): void {
    const fd = payload[0];
    if (fd !== 1 && fd !== 2) throw new Error("Output came without its descriptor.");
    const data = payload.subarray(1);
    this.#receiving.receive(data.length);
    (fd === 1 ? this.#stdout : this.#stderr).add(data);
    this.#outputBytes += data.length;
    if (this.#outputBytes > (this.#command.killAfterOutputBytes ?? DEFAULT_KILL_AFTER_BYTES)) {
      this.#kill();
    }
    const { onOutput } = this.#command;
    if (onOutput === undefined) {
      this.#giveBack(data.length);
      release(payload); // a listener may keep what it was given
    } else {
      this.#held += 1;
      this.#consumed = this.#consumed
        .then(() => onOutput({ fd, data }))
        .catch((error: unknown) => this.#fail(error))
        .then(() => {
          this.#held -= 1;
          this.#giveBack(data.length);
        });
    }
  }

  #giveBack(bytes: number): void {
    const credit = this.#receiving.consume(bytes);
    if (credit > 0) this.#channel.send(FRAME.window, encodeCredit(credit));
  }

  async #feed(stdin: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of stdin instanceof Uint8Array ? [stdin] : stdin) {
        await this.#send(chunk);
        if (this.#isOver) return;
      }
      this.#channel.send(FRAME.end);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #send(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0 && !this.#isOver; ) {
      const part = rest.subarray(0, Math.min(this.#sending.available(), MAX_PAYLOAD_BYTES));
      if (part.length === 0) await this.#inputRoom();
      else {
        this.#sending.spend(part.length);
        this.#channel.send(FRAME.data, part);
        rest = rest.subarray(part.length);
      }
    }
  }

  #inputRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeInput = resolve;
    });
  }

  /** The caller's own code failed: the command has no purpose any more. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#kill();
  }

  readonly #kill = (): void => {
    if (this.stoppedBy !== undefined || this.#isOver) return;
    this.stoppedBy = "killed";
    this.#channel.send(FRAME.kill);
    clearTimeout(this.#deadline);
    this.#deadline = this.#armDeadline(GRACE_MS);
  };

  #armDeadline(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#held > 0) {
        // The guest waits for us, not we for it.
        this.#deadline = this.#armDeadline(GRACE_MS);
        return;
      }
      this.#over.resolve("deadline");
      this.#connection.close("The guest did not end a command in time.");
    }, ms);
  }
}
