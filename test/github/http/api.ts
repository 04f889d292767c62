import type { World } from "../world/world.ts";
import { authKind, enter, type Identity, identify } from "./access.ts";
import { type Operation, operations, requestProblems, responseProblems } from "./description.ts";
import type { RecordedRequest } from "./journal.ts";
import type { RateLimit } from "./rate-limit.ts";
import { notAccessible, Refusal } from "./refusal.ts";
import type { Answer, Call, Route } from "./route.ts";

/** A request or an answer that differs from GitHub's OpenAPI description. */
export type Violation = {
  readonly side: "request" | "response" | "event";
  readonly what: string;
  readonly problems: readonly string[];
};

export type Api = {
  readonly world: World;
  readonly routes: readonly CompiledRoute[];
  readonly rateLimit: RateLimit;
  readonly violations: Violation[];
  readonly checkResponses: boolean;
};

type CompiledRoute = {
  readonly route: Route;
  readonly operation: Operation;
  readonly pattern: RegExp;
};

/** These parameters hold slashes. */
const GREEDY = /\\\{(path|ref|branch)\\\}/g;

/** The routes with their part of GitHub's description, the most literal path first. */
export function compileRoutes(routes: readonly Route[]): readonly CompiledRoute[] {
  const literal = ({ path }: Route) => path.replace(/\{[^}]+\}/g, "").length;
  return [...routes]
    .sort((a, b) => literal(b) - literal(a))
    .map((route) => {
      const operation = operations().find(
        ({ method, path }) => method === route.method && path === route.path,
      );
      if (!operation)
        throw new Error(`${route.method} ${route.path} is not in openapi/github.json.`);
      const source = route.path
        .replace(/[{}.]/g, "\\$&")
        .replace(GREEDY, "(?<$1>.*)")
        .replace("/(?<path>.*)", "(?:/(?<path>.*))?") // the top folder may go without its slash
        .replace(/\\\{([^}]+)\\\}/g, "(?<$1>[^/]+)");
      return { route, operation, pattern: new RegExp(`^${source}$`) };
    });
}

/** Answers one request of the REST API whose body has been read. */
export async function answerApi(api: Api, url: URL, record: RecordedRequest): Promise<Answer> {
  if (!record.headers["user-agent"]) {
    throw new Refusal(403, "Request forbidden by administrative rules. A User-Agent is required.");
  }
  const found = findRoute(api, url, record);
  if (!found) {
    const name = `${record.method} ${url.pathname}`;
    throw new Refusal(501, `stand-in: the operation ${name} is not implemented`);
  }
  record.operation = found.operation.id;
  const identity = identifyOrRecord(api.world, record);
  const counted = api.rateLimit.count(identity);
  try {
    if (counted.over) throw new Refusal(403, "API rate limit exceeded.");
    const answer = await perform(api, found, identity, url, record);
    if (api.checkResponses) checkAnswer(api, found.operation, answer);
    return { ...answer, headers: { ...answer.headers, ...counted.headers } };
  } catch (error) {
    if (error instanceof Refusal) return { ...errorAnswer(error), headers: counted.headers };
    throw error;
  }
}

type Found = CompiledRoute & { readonly params: Readonly<Record<string, string>> };

function findRoute(api: Api, url: URL, record: RecordedRequest): Found | undefined {
  for (const compiled of api.routes) {
    const groups = compiled.pattern.exec(url.pathname)?.groups;
    const matches = groups ?? compiled.pattern.test(url.pathname);
    if (!matches || compiled.route.method !== record.method) continue;
    const params = Object.entries(groups ?? {}).map(([name, value]) => [name, decode(value ?? "")]);
    return { ...compiled, params: Object.fromEntries(params) };
  }
  return undefined;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Refusal(400, "The path is not well-formed.");
  }
}

function identifyOrRecord(world: World, record: RecordedRequest): Identity {
  record.auth = "refused";
  const identity = identify(world, record.headers.authorization);
  record.auth = authKind(identity);
  return identity;
}

function perform(
  api: Api,
  found: Found,
  identity: Identity,
  url: URL,
  record: RecordedRequest,
): Answer | Promise<Answer> {
  const { route, params } = found;
  const { world } = api;
  const call: Call = {
    world,
    url,
    params,
    query: url.searchParams,
    body: undefined,
    accept: record.headers.accept ?? "",
  };
  const checked = () => ({ ...call, body: checkRequest(api, found, url, record) });
  if (route.access === "anyone") return route.handle(checked());
  if (route.access === "app") {
    if (identity.kind !== "app") throw new Refusal(401, "A JSON web token could not be decoded");
    return route.handle(checked());
  }
  if (route.access === "installation") {
    if (identity.kind !== "token" || identity.token.kind !== "installation") throw notAccessible();
    return route.handle({ ...checked(), secret: identity.secret, token: identity.token });
  }
  const entered = enter(world, identity, `${params["owner"]}/${params["repo"]}`, route);
  return route.handle({ ...checked(), ...entered });
}

/** The body, once it and the query fit GitHub's description and the handler honours all of it. */
function checkRequest(api: Api, found: Found, url: URL, record: RecordedRequest): unknown {
  const { operation, route } = found;
  const body = parseBody(record.body);
  const problems = requestProblems(operation, url.searchParams, body);
  if (problems.length > 0) {
    api.violations.push({ side: "request", what: operation.id, problems });
    throw new Refusal(422, `stand-in: ${operation.id}: ${problems.join("; ")}`);
  }
  const given = [
    ...url.searchParams.keys(),
    ...(Array.isArray(body) ? [] : Object.keys(body ?? {})),
  ];
  const ignored = given.filter((name) => !route.takes.includes(name));
  if (ignored.length === 0) return body;
  throw new Refusal(501, `stand-in: ${operation.id} doesn't implement ${ignored.join(", ")}`);
}

function parseBody(bytes: Buffer): Record<string, unknown> | undefined {
  if (bytes.length === 0) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new Refusal(400, "Problems parsing JSON");
  }
  if (typeof body !== "object" || body === null) {
    throw new Refusal(400, "Body should be a JSON object");
  }
  return body as Record<string, unknown>;
}

function checkAnswer(api: Api, operation: Operation, answer: Answer): void {
  const problems = responseProblems(operation, answer.status, answer.body);
  if (problems.length === 0) return;
  const what = `${operation.id} ${answer.status}`;
  api.violations.push({ side: "response", what, problems });
}

/** GitHub's error body. */
export function errorAnswer(refusal: Refusal): Answer {
  const { status, message, errors } = refusal;
  const documentation_url = "https://docs.github.com/rest";
  const shown = errors ? { errors } : {};
  return { status, body: { message, ...shown, documentation_url, status: String(status) } };
}
