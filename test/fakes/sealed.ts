import { createHash } from "node:crypto";

export const KEY = "ab".repeat(32);

export const sha256 = () => createHash("sha256");

/** Lines as a reporter with this key writes them, the one that says that there is a reporter before them. */
export function sealed(key: string, lines: string): string {
  let seal = "";
  const all = ['{"start":"mocha"}', ...lines.split("\n").filter((line) => line !== "")];
  return all
    .map((line) => {
      seal = sha256()
        .update(key + seal + line + key)
        .digest("hex");
      return `${seal}${line}\n`;
    })
    .join("");
}
