import type { Engine, Steps, WorkflowBody } from "../../src/engine/engine.ts";

type Stored = { readonly name: string; readonly input: unknown; readonly partition: string };

/** How a workflow ends whose process died under it; see `crashAfter`. */
class Crash extends Error {}

/**
 * Durable steps in memory. Inputs and results go through JSON as in a database. Nothing runs before `start`; workflows
 * of one partition run one after another.
 */
export class FakeEngine implements Engine {
  /** Every step that ran its body, as `workflow id/step name`. */
  readonly ran: string[] = [];
  readonly stored = new Map<string, Stored>();
  readonly #bodies = new Map<string, WorkflowBody<never>>();
  readonly #results = new Map<string, string>();
  readonly #ended = new Map<string, Promise<void>>();
  readonly #partitions = new Map<string, Promise<void>>();
  #isStarted = false;
  #stopping = new AbortController();
  #crashAfter: string | undefined;
  #storeError: Error | undefined;

  workflow<Input>(name: string, _limits: unknown, body: WorkflowBody<Input>) {
    this.#bodies.set(name, body);
    return {
      enqueue: async (
        input: Input,
        options: { readonly id: string; readonly partition?: string },
      ) => {
        if (this.#storeError !== undefined) throw this.#storeError;
        const { id, partition = id } = options;
        if (this.stored.has(id)) return "duplicate" as const;
        this.stored.set(id, { name, input: JSON.parse(JSON.stringify(input)), partition });
        if (this.#isStarted) this.#begin(id);
        return "enqueued" as const;
      },
    };
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    for (const id of this.stored.keys()) if (!this.#ended.has(id)) this.#begin(id);
  }

  async finished(id: string): Promise<void> {
    const ended = this.#ended.get(id);
    if (ended === undefined) throw new Error(`no workflow ${id} was started`);
    await ended;
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#stopping.abort();
  }

  /** Enqueueing fails with this until it is called with undefined. */
  failToStore(error: Error | undefined): void {
    this.#storeError = error;
  }

  /**
   * The next step of that name runs its body, then its workflow dies before the result is stored. `restart` resumes it.
   */
  crashAfter(stepName: string): void {
    this.#crashAfter = stepName;
  }

  /** Runs again, from their starts, all workflows that a crash interrupted. */
  async restart(): Promise<void> {
    this.#stopping = new AbortController();
    await this.start();
  }

  /** Resolves when nothing runs any more; what workflows threw is for `finished`. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#ended.values());
  }

  #begin(id: string): void {
    const workflow = this.stored.get(id);
    if (workflow === undefined) return;
    const before = this.#partitions.get(workflow.partition) ?? Promise.resolve();
    const ended = before.then(() => this.#run(id, workflow));
    this.#ended.set(id, ended);
    const settled = ended.catch((error: unknown) => {
      if (error instanceof Crash) this.#ended.delete(id);
    });
    this.#partitions.set(workflow.partition, settled);
  }

  async #run(id: string, { name, input }: Stored): Promise<void> {
    const body = this.#bodies.get(name);
    if (body === undefined) throw new Error(`no workflow named ${name}`);
    const dead = Promise.withResolvers<never>();
    await Promise.race([body(this.#stepsOf(id, dead.reject), input as never), dead.promise]);
  }

  #stepsOf(id: string, die: (crash: Crash) => void): Steps {
    return {
      id,
      step: async <T>(name: string, body: (signal: AbortSignal) => Promise<T>) => {
        const key = `${id}/${name}`;
        const known = this.#results.get(key);
        if (known !== undefined) return JSON.parse(known).result as T;
        this.ran.push(key);
        const result = await body(this.#stopping.signal);
        if (this.#crashAfter === name) {
          this.#crashAfter = undefined;
          die(new Crash(`crashed after ${key}`));
          // Nothing behind the crash may run.
          return new Promise<never>(() => {});
        }
        const text = JSON.stringify({ result });
        this.#results.set(key, text);
        return JSON.parse(text).result as T;
      },
    };
  }
}
