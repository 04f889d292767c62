// Regenerates github.json, the part of GitHub's OpenAPI description (MIT) that the stand-in speaks:
// `node test/github/openapi/update.mjs`. Needs npm and tar. The source package is 385 MB unpacked, so one file of it is
// taken into a temporary folder. Change the lists below when the stand-in learns an operation or an event.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCE = "@octokit/openapi@23.0.2";

const OPERATIONS = `
GET /app
GET /app/hook/deliveries
GET /app/hook/deliveries/{delivery_id}
POST /app/hook/deliveries/{delivery_id}/attempts
GET /app/installations
GET /app/installations/{installation_id}
POST /app/installations/{installation_id}/access_tokens
GET /installation/repositories
DELETE /installation/token
GET /users/{username}
GET /repos/{owner}/{repo}
GET /repos/{owner}/{repo}/installation
GET /repos/{owner}/{repo}/branches
GET /repos/{owner}/{repo}/branches/{branch}
GET /repos/{owner}/{repo}/collaborators/{username}/permission
GET /repos/{owner}/{repo}/compare/{basehead}
GET /repos/{owner}/{repo}/commits/{ref}
GET /repos/{owner}/{repo}/commits/{ref}/check-runs
GET /repos/{owner}/{repo}/contents/{path}
POST /repos/{owner}/{repo}/check-runs
GET /repos/{owner}/{repo}/check-runs/{check_run_id}
PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}
GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations
POST /repos/{owner}/{repo}/git/blobs
GET /repos/{owner}/{repo}/git/blobs/{file_sha}
POST /repos/{owner}/{repo}/git/commits
GET /repos/{owner}/{repo}/git/commits/{commit_sha}
GET /repos/{owner}/{repo}/git/matching-refs/{ref}
GET /repos/{owner}/{repo}/git/ref/{ref}
POST /repos/{owner}/{repo}/git/refs
POST /repos/{owner}/{repo}/git/trees
GET /repos/{owner}/{repo}/git/trees/{tree_sha}
GET /repos/{owner}/{repo}/issues
POST /repos/{owner}/{repo}/issues
GET /repos/{owner}/{repo}/issues/{issue_number}
PATCH /repos/{owner}/{repo}/issues/{issue_number}
GET /repos/{owner}/{repo}/issues/{issue_number}/comments
POST /repos/{owner}/{repo}/issues/{issue_number}/comments
GET /repos/{owner}/{repo}/issues/comments/{comment_id}
PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}
DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}
GET /repos/{owner}/{repo}/issues/{issue_number}/labels
POST /repos/{owner}/{repo}/issues/{issue_number}/labels
DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}
GET /repos/{owner}/{repo}/issues/{issue_number}/reactions
POST /repos/{owner}/{repo}/issues/{issue_number}/reactions
GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions
POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions
GET /repos/{owner}/{repo}/labels
POST /repos/{owner}/{repo}/labels
GET /repos/{owner}/{repo}/labels/{name}
GET /repos/{owner}/{repo}/pulls
POST /repos/{owner}/{repo}/pulls
GET /repos/{owner}/{repo}/pulls/{pull_number}
PATCH /repos/{owner}/{repo}/pulls/{pull_number}
GET /repos/{owner}/{repo}/pulls/{pull_number}/commits
GET /repos/{owner}/{repo}/pulls/{pull_number}/files
`;

const EVENTS = `
pull-request-labeled pull-request-unlabeled
issues-opened issues-edited issues-closed issues-reopened issues-labeled issues-unlabeled
issue-comment-created issue-comment-edited issue-comment-deleted
pull-request-opened pull-request-edited pull-request-closed pull-request-reopened pull-request-synchronize
push check-run-created check-run-completed
`;

/** Prose, and what a JSON Schema validator doesn't need. */
const DROPPED = new Set(["description", "example", "examples", "default", "title", "discriminator"]);
DROPPED.add("xml").add("externalDocs").add("deprecated").add("summary").add("x-multi-segment");

const description = readDescription();
// GitHub's own slip: here an account must be a user and an enterprise at once. The single installation has it right.
json(description.paths["/app/installations"].get.responses["200"].content).items = {
  $ref: "#/components/schemas/installation",
};
const schemas = {};

const names = OPERATIONS.trim().split("\n");
const operations = names.map(readOperation);
const webhooks = Object.fromEntries(EVENTS.trim().split(/\s+/).map(readEvent));

const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
const lines = [
  `{"source":${JSON.stringify(SOURCE)},`,
  `"operations":[\n${operations.map((one) => JSON.stringify(one)).join(",\n")}\n],`,
  `"webhooks":${JSON.stringify(webhooks, null, 0)},`,
  `"schemas":{\n${Object.entries(sorted)
    .map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`)
    .join(",\n")}\n}}\n`,
];
writeFileSync(new URL("github.json", import.meta.url), lines.join("\n"));

function readDescription() {
  const folder = mkdtempSync(join(tmpdir(), "openapi-"));
  try {
    const file = "package/generated/api.github.com.json";
    const pack = execFileSync("npm", ["pack", "--silent", SOURCE], { cwd: folder, encoding: "utf8" });
    execFileSync("tar", ["-xzf", pack.trim(), file], { cwd: folder });
    return JSON.parse(readFileSync(join(folder, file), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOperation(name) {
  const [method, path] = name.split(" ");
  const operation = description.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`GitHub's description has no operation ${name}.`);
  const id = operation.operationId;
  const query = (operation.parameters ?? [])
    .map(resolve)
    .filter((parameter) => parameter.in === "query")
    .map((parameter) => parameter.name);
  const responses = {};
  for (const [status, response] of Object.entries(operation.responses)) {
    const content = resolve(response).content;
    responses[status] = content ? keep(`${id}.${status}`, json(content)) : null;
  }
  const request = keep(`${id}.request`, json(resolve(operation.requestBody)?.content));
  return { id, method, path, query, request, responses };
}

function readEvent(name) {
  const schema = json(description["x-webhooks"][name].post.requestBody.content);
  return [name, keep(`webhook.${name}`, schema)];
}

function json(content) {
  return content?.["application/json"]?.schema;
}

/** Stores a schema under a name that is safe in a JSON pointer; a plain reference keeps its own name. */
function keep(name, schema) {
  if (schema === undefined) return null;
  const converted = convert(schema);
  if (converted.$ref) return converted.$ref.replace("#/schemas/", "");
  const safe = name.replaceAll("/", ".");
  schemas[safe] = converted;
  return safe;
}

function resolve(value) {
  if (!value?.$ref) return value;
  return value.$ref
    .slice(2)
    .split("/")
    .reduce((node, key) => node[key], description);
}

/** OpenAPI 3.0 to JSON Schema: `nullable` becomes a type, references become `#/schemas/NAME`. */
function convert(schema) {
  if (Array.isArray(schema)) return schema.map(convert);
  if (typeof schema !== "object" || schema === null) return schema;
  if (typeof schema.$ref === "string") return refer(schema.$ref);
  const { nullable, ...rest } = schema;
  const result = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key === "properties") result[key] = mapValues(value, convert);
    else if (key === "enum" || key === "required") result[key] = value;
    else if (!DROPPED.has(key)) result[key] = convert(value);
  }
  return nullable ? orNull(result) : result;
}

function refer(reference) {
  const name = reference.replace("#/components/schemas/", "");
  if (!(name in schemas)) {
    schemas[name] = {};
    schemas[name] = convert(description.components.schemas[name]);
  }
  return { $ref: `#/schemas/${name}` };
}

function orNull(schema) {
  if (!schema.type) return { anyOf: [schema, { type: "null" }] };
  const choices = schema.enum && !schema.enum.includes(null) ? [...schema.enum, null] : schema.enum;
  const type = [schema.type, "null"].flat();
  return choices ? { ...schema, type, enum: choices } : { ...schema, type };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
