import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

/** One operation of GitHub's OpenAPI description; schemas are named, null where GitHub describes none. */
export type Operation = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly request: string | null;
  readonly responses: Readonly<Record<string, string | null>>;
};

type Schema = { readonly properties?: Readonly<Record<string, unknown>> };

type Description = {
  readonly operations: readonly Operation[];
  readonly webhooks: Readonly<Record<string, string>>;
  readonly schemas: Readonly<Record<string, Schema>>;
};

let loaded: { readonly description: Description; readonly ajv: Ajv } | undefined;

/** Read once a process; schemas are compiled when they are first needed. */
function load() {
  if (loaded) return loaded;
  const file = new URL("../openapi/github.json", import.meta.url);
  const description: Description = JSON.parse(readFileSync(file, "utf8"));
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  formats.default(ajv);
  ajv.addFormat("email", true); // GitHub's own bot addresses, ID+NAME[bot]@…, are no valid ones
  ajv.addSchema({ $id: "github", schemas: description.schemas });
  loaded = { description, ajv };
  return loaded;
}

const compiled = new Map<string, ValidateFunction>();

function problems(name: string, value: unknown): string[] {
  const { ajv } = load();
  const validate = compiled.get(name) ?? ajv.compile({ $ref: `github#/schemas/${name}` });
  compiled.set(name, validate);
  if (validate(value)) return [];
  const found = (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  return [...new Set(found)].slice(0, 40);
}

export function operations(): readonly Operation[] {
  return load().description.operations;
}

/** What GitHub's description says against a request; empty when it is right. Names nobody knows are wrong too. */
export function requestProblems(
  operation: Operation,
  query: URLSearchParams,
  body: Readonly<Record<string, unknown>> | undefined,
): readonly string[] {
  const unknownQuery = [...query.keys()].filter((name) => !operation.query.includes(name));
  const wrongQuery = unknownQuery.map((name) => `unknown query parameter ${name}`);
  if (!operation.request) {
    const surplus = Object.keys(body ?? {}).map((name) => `unknown property ${name}`);
    return [...wrongQuery, ...surplus];
  }
  const known = load().description.schemas[operation.request]?.properties;
  const unknown = Object.keys(body ?? {}).filter((name) => known && !(name in known));
  const wrongBody = unknown.map((name) => `unknown property ${name}`);
  return [...wrongQuery, ...wrongBody, ...problems(operation.request, body ?? {})];
}

export function responseProblems(
  operation: Operation,
  status: number,
  body: unknown,
): readonly string[] {
  if (!(status in operation.responses)) return [`status ${status} is not documented`];
  const name = operation.responses[status];
  return name && body !== undefined ? problems(name, body) : [];
}

/** Undefined when the committed part of the description doesn't have this event. */
export function eventProblems(
  event: string,
  action: string | null,
  payload: unknown,
): readonly string[] | undefined {
  const key = (action ? `${event}-${action}` : event).replaceAll("_", "-");
  const name = load().description.webhooks[key];
  return name === undefined ? undefined : problems(name, payload);
}
