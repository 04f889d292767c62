import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Failure } from "../../../../errors.ts";

/** Changes with every write to the file, by whomever; costs one question to the kernel. */
export async function fingerprint(image: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(image, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join("-");
}

/** Of what is written in a sparse file: its holes are passed over, however large they are. */
export async function hashSparse(image: string): Promise<string> {
  const sameEachTime = ["--mtime=@0", "--owner=0", "--group=0", "--mode=0600", "--format=gnu"];
  const args = ["-c", "-S", ...sameEachTime, "-C", dirname(image), basename(image)];
  const tar = spawn("/usr/bin/env", ["tar", ...args], { stdio: ["ignore", "pipe", "ignore"] });
  const hash = createHash("sha256");
  const closed = once(tar, "close");
  for await (const chunk of tar.stdout) hash.update(chunk);
  const [code] = await closed;
  if (code === 0) return hash.digest("hex");
  const message = `The layer ${image} can't be read. Check the disk of the state folder.`;
  throw new Failure("unavailable", "workspace-disk", message);
}
