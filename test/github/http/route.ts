import type { Account, Repository, Role, Token, World } from "../world/world.ts";

/** What a handler answers: JSON, or bytes with their own media type. */
export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly raw?: { readonly mediaType: string; readonly bytes: string | Uint8Array };
  readonly headers?: Readonly<Record<string, string>>;
};

/** One verified request. `body` has been checked against GitHub's description. */
export type Call<Body = unknown> = {
  readonly world: World;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly accept: string;
};

/** A call about one repository by somebody who may make it. */
export type RepositoryCall<Body = unknown> = Call<Body> & {
  readonly repository: Repository;
  readonly actor: Account;
  /** Undefined for an anonymous reader of a public repository. */
  readonly token: Token | undefined;
};

/** A call with an installation token about no one repository. */
export type TokenCall<Body = unknown> = Call<Body> & {
  readonly secret: string;
  readonly token: Extract<Token, { kind: "installation" }>;
};

type Rules = {
  /** Query and body properties that the handler honours; any other that GitHub knows is answered with 501. */
  readonly takes?: readonly string[];
};

/** An app needs one of `needs` (`issues:write`); a person needs at least the role `person`. */
type RepositoryRules = Rules & {
  readonly needs: readonly string[];
  readonly person?: Role;
};

type Handler<C> = (call: C) => Answer | Promise<Answer>;

export type Route = {
  readonly method: string;
  readonly path: string;
  readonly takes: readonly string[];
} & (
  | { readonly access: "anyone"; readonly handle: Handler<Call> }
  | { readonly access: "app"; readonly handle: Handler<Call> }
  | { readonly access: "installation"; readonly handle: Handler<TokenCall> }
  | {
      readonly access: "repository";
      readonly needs: readonly string[];
      readonly person: Role;
      readonly handle: Handler<RepositoryCall>;
    }
);

export function onAnyone(name: string, rules: Rules, handle: Handler<Call>): Route {
  return { ...named(name, rules), access: "anyone", handle };
}

/** For the app itself, signed in with its JWT. */
export function onApp<Body>(name: string, rules: Rules, handle: Handler<Call<Body>>): Route {
  return { ...named(name, rules), access: "app", handle: (call) => handle(withBody(call)) };
}

export function onInstallation(name: string, rules: Rules, handle: Handler<TokenCall>): Route {
  return { ...named(name, rules), access: "installation", handle };
}

export function onRepository<Body>(
  name: string,
  rules: RepositoryRules,
  handle: Handler<RepositoryCall<Body>>,
): Route {
  const person = rules.person ?? (name.startsWith("GET ") ? "read" : "write");
  return {
    ...named(name, rules),
    access: "repository",
    needs: rules.needs,
    person,
    handle: (call) => handle(withBody(call)),
  };
}

function named(name: string, rules: Rules) {
  const [method = "", path = ""] = name.split(" ");
  return { method, path, takes: rules.takes ?? [] };
}

/** The description has vouched for the body's shape; a handler's type says which part of it it uses. */
function withBody<C extends Call, Body>(call: C): C & { readonly body: Body } {
  return call as C & { readonly body: Body };
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function created(body: unknown): Answer {
  return { status: 201, body };
}

export const NO_CONTENT: Answer = { status: 204 };

/** One page of `items` with GitHub's Link header; `wrap` puts it where the endpoint wants it. */
export async function page<T>(
  call: Call,
  items: readonly T[],
  shape: (item: T) => unknown,
  wrap: (shaped: readonly unknown[], total: number) => unknown = (shaped) => shaped,
): Promise<Answer> {
  const size = Math.min(100, Number(call.query.get("per_page") ?? 30) || 30);
  const number = Math.max(1, Number(call.query.get("page") ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const shown = items.slice((number - 1) * size, number * size);
  const shaped = await Promise.all(shown.map(shape));
  const link = [
    ...(number < last
      ? [linkTo(call.url, number + 1, "next"), linkTo(call.url, last, "last")]
      : []),
    ...(number > 1 ? [linkTo(call.url, number - 1, "prev"), linkTo(call.url, 1, "first")] : []),
  ].join(", ");
  return { status: 200, body: wrap(shaped, items.length), ...(link ? { headers: { link } } : {}) };
}

function linkTo(url: URL, number: number, rel: string): string {
  const target = new URL(url);
  target.searchParams.set("page", String(number));
  return `<${target.href}>; rel="${rel}"`;
}

/** A numeric path parameter, or NaN, which finds nothing. */
export function numberIn(call: Call, name: string): number {
  return Number(call.params[name]);
}

export function textIn(call: Call, name: string): string {
  return call.params[name] ?? "";
}
