// The stand-in alone: `node test/github/main.ts --seed acme/shop=FOLDER --person alice:write`. Prints one line of JSON
// with what a client needs and runs until it is ended. People act through the API with their tokens.
import { parseArgs } from "node:util";
import { startGitHub } from "./github.ts";
import type { Role } from "./world/world.ts";

const ROLES: readonly string[] = ["admin", "maintain", "write", "triage", "read", "none"];

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    port: { type: "string", default: "0" },
    slug: { type: "string", default: "dunlin" },
    webhook: { type: "string" },
    secret: { type: "string" },
    seed: { type: "string", multiple: true, default: [] },
    person: { type: "string", multiple: true, default: [] },
  },
});

const github = await startGitHub({
  ...(values.folder ? { folder: values.folder } : {}),
  ...(values.webhook ? { webhookUrl: values.webhook } : {}),
  ...(values.secret ? { webhookSecret: values.secret } : {}),
  port: Number(values.port),
  app: { slug: values.slug },
});
const roles = Object.fromEntries(values.person.map(readPerson));
const repositories = [];
for (const seed of values.seed) {
  const [name = "", folder = ""] = splitAt(seed, "=");
  repositories.push(await github.seedRepository(name, folder, { roles }));
}
const tokens = Object.keys(roles).map((login) => [login, github.personToken(login)]);
const { id, slug, privateKeyPath, webhookSecret } = github.app;
const facts = { url: github.url, appId: id, slug, privateKeyPath, webhookSecret, repositories };
process.stdout.write(`${JSON.stringify({ ...facts, tokens: Object.fromEntries(tokens) })}\n`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void github.close());
}

function readPerson(text: string): [string, Role] {
  const [login = "", role = ""] = splitAt(text, ":");
  if (!isRole(role)) throw new Error(`Say --person LOGIN:ROLE with one of ${ROLES.join(", ")}.`);
  return [login, role];
}

function isRole(text: string): text is Role {
  return ROLES.includes(text);
}

function splitAt(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
