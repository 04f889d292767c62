import { createPrivateKey } from "node:crypto";
import { appendFile, chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Canary, makeCanary } from "./canaries.ts";

const trap = (file: string) => `#!/bin/sh\nid >> ${file}-home\nexit 1\n`;

/** Dunlin's own environment: what an operator's shell may well hold. */
export function plantEnvironment() {
  const planted = [
    makeCanary("AWS_SECRET_ACCESS_KEY"),
    makeCanary("GITHUB_TOKEN", "ghp_"),
    makeCanary("NPM_TOKEN", "npm_"),
    makeCanary("PGPASSWORD"),
    makeCanary("CANARY"),
    makeCanary("OPENAI_API_KEY", "sk-"),
  ];
  return {
    canaries: planted,
    env: Object.fromEntries(planted.map(({ name, value }) => [name, value])),
  };
}

/** A home folder whose settings would be used, and would run the trap, if anything took them over. */
export async function plantHome(home: string, trapFile: string): Promise<readonly Canary[]> {
  const canaries: Canary[] = [];
  const canary = (name: string) => {
    const made = makeCanary(`the home's ${name}`);
    canaries.push(made);
    return made.value;
  };
  const evil = join(home, "bin", "evil");
  const files: Readonly<Record<string, string>> = {
    ".netrc": `default login ${canary("login")} password ${canary(".netrc")}\n`,
    ".gitconfig": `[core]\n\thooksPath = ${home}/hooks\n\tfsmonitor = ${evil}\n\tsshCommand = ${evil}\n[credential]\n\thelper = ${evil}\n[http]\n\textraHeader = X-Canary: ${canary(".gitconfig")}\n[user]\n\tname = ${canary("name")}\n\temail = ${canary("email")}@example.com\n[commit]\n\ttemplate = ${home}/template\n`,
    ".config/git/attributes": "* filter=evil\n",
    ".npmrc": `registry=https://packages.example/\n//packages.example/:_authToken=${canary(".npmrc")}\n`,
    ".ssh/id_ed25519": `-----BEGIN OPENSSH PRIVATE KEY-----\n${canary("key")}\n-----END OPENSSH PRIVATE KEY-----\n`,
    ".aws/credentials": `[default]\naws_secret_access_key = ${canary("cloud")}\n`,
    ".docker/config.json": JSON.stringify({
      auths: { "images.example": { auth: canary("images") } },
    }),
    ".bash_history": `export TOKEN=${canary("history")}\n`,
    template: canary("template"),
    "bin/evil": trap(trapFile),
    "hooks/pre-push": trap(trapFile),
    "hooks/reference-transaction": trap(trapFile),
    "hooks/post-index-change": trap(trapFile),
  };
  for (const [name, content] of Object.entries(files)) {
    const file = join(home, name);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, content);
    if (content.startsWith("#!")) await chmod(file, 0o755);
  }
  return canaries;
}

/** The App's private key, byte by byte; it also stands in its file as base64. */
export async function keyCanary(file: string): Promise<Canary> {
  const key = createPrivateKey(await readFile(file));
  return { name: "the App's key", value: key.export({ format: "der", type: "pkcs1" }) };
}

/** Adds the canary to the settings of every mirror that there is, once each; gives how many there are. */
export async function plantInMirrors(folder: string, { name, value }: Canary): Promise<number> {
  const mirrors = (await readdir(folder)).filter((one) => one.endsWith(".git"));
  for (const mirror of mirrors) {
    const config = join(folder, mirror, "config");
    const text = await readFile(config, "utf8");
    if (text.includes(String(value))) continue;
    const url = `http://${value}:${value}@127.0.0.1/`;
    await appendFile(
      config,
      `[remote "backup"]\n\turl = ${url}\n\tpushurl = ${url}\n[user]\n\tname = ${value}\n\temail = ${value}@example.com\n[dunlin]\n\tnote = ${name} ${value}\n`,
    );
  }
  return mirrors.length;
}
