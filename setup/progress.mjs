// @ts-check
const NAME_WIDTH = 18;

/**
 * One aligned line a part: its name, what came of it, how long it took. On a terminal the line changes while the part
 * is at work; elsewhere each step is a line of its own.
 *
 * @param {{ write(text: string): unknown, isTTY?: boolean }} out
 * @param {() => number} nowMs
 */
export function createProgress(out, nowMs = () => performance.now()) {
  const live = out.isTTY === true;
  /** @param {string} name @param {string} text */
  const line = (name, text) => `  ${name.padEnd(NAME_WIDTH)}${text}`;
  return {
    /**
     * @template T
     * @param {string} name
     * @param {(say: (step: string) => void) => Promise<{ value: T, summary: string }>} work
     * @returns {Promise<T>}
     */
    async part(name, work) {
      const startMs = nowMs();
      const seconds = () => `${((nowMs() - startMs) / 1000).toFixed(1)} s`;
      /** @param {string} step */
      const say = (step) =>
        out.write(live ? `\r\u001b[K${line(name, step)}` : `${line(name, `${step} …`)}\n`);
      /** @param {string} text */
      const end = (text) =>
        out.write(
          `${live ? "\r\u001b[K" : ""}${line(name, `${text.padEnd(50)} ${seconds().padStart(7)}`)}\n`,
        );
      try {
        const { value, summary } = await work(say);
        end(summary);
        return value;
      } catch (error) {
        end("failed");
        throw error;
      }
    },
  };
}
