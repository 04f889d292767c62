import { randomBytes } from "node:crypto";
import { belongs, grants } from "../http/access.ts";
import { notFound, Refusal } from "../http/refusal.ts";
import {
  type Answer,
  type Call,
  NO_CONTENT,
  numberIn,
  ok,
  onApp,
  onInstallation,
  onRepository,
  page,
  type Route,
} from "../http/route.ts";
import { appShape, installationShape } from "../world/app-shape.ts";
import { repositoryShape } from "../world/repository-shape.ts";
import type { Installation, Permissions, Repository, Token, World } from "../world/world.ts";
import { findRepository, timestamp } from "../world/world.ts";

export type TokenSettings = {
  /** GitHub's form since 2026 has about 500 characters, the older one 40. */
  readonly tokenForm: "long" | "short";
  readonly tokenLifetimeMs: number;
};

type TokenRequest = {
  readonly repositories?: readonly string[];
  readonly repository_ids?: readonly number[];
  readonly permissions?: Permissions;
};

export function appRoutes(settings: TokenSettings): readonly Route[] {
  return [
    onApp("GET /app", {}, ({ world }) => ok(appShape(world))),
    onApp("GET /app/installations", { takes: ["per_page", "page"] }, (call) =>
      page(call, [...call.world.installations.values()], (one) =>
        installationShape(call.world, one),
      ),
    ),
    onApp("GET /app/installations/{installation_id}", {}, (call) =>
      ok(installationShape(call.world, installationIn(call))),
    ),
    onApp<TokenRequest>(
      "POST /app/installations/{installation_id}/access_tokens",
      { takes: ["repositories", "repository_ids", "permissions"] },
      (call) => createToken(settings, call),
    ),
    onApp("GET /repos/{owner}/{repo}/installation", {}, (call) => {
      const { world, params } = call;
      const found = findRepository(world, `${params["owner"]}/${params["repo"]}`)?.installation;
      if (!found) throw notFound();
      return ok(installationShape(world, found));
    }),
    onInstallation("DELETE /installation/token", {}, ({ world, secret }) => {
      world.tokens.delete(secret);
      return NO_CONTENT;
    }),
    onInstallation("GET /installation/repositories", { takes: ["per_page", "page"] }, (call) => {
      const { world, token } = call;
      const within = [...world.repositories.values()].filter((one) => belongs(one, token));
      return page(
        call,
        within,
        (one) => repositoryShape(world, one),
        (repositories, total_count) => ({
          total_count,
          repository_selection: "selected",
          repositories,
        }),
      );
    }),
    onRepository("GET /repos/{owner}/{repo}", { needs: ["metadata:read"] }, (call) =>
      ok(repositoryShape(call.world, call.repository)),
    ),
  ];
}

function installationIn(call: Call): Installation {
  const found = call.world.installations.get(numberIn(call, "installation_id"));
  if (!found) throw notFound();
  return found;
}

function createToken(settings: TokenSettings, call: Call<TokenRequest>): Answer {
  const { world, body } = call;
  const installation = installationIn(call);
  const permissions = chosenPermissions(world, body.permissions);
  const chosen = chosenRepositories(world, installation, body);
  const token: Token = {
    kind: "installation",
    account: world.app.bot,
    installation,
    repositoryIds: chosen ? new Set(chosen.map((one) => one.id)) : "all",
    permissions,
    expiresAt: Date.now() + settings.tokenLifetimeMs,
  };
  const secret = makeSecret(world, settings.tokenForm);
  world.tokens.set(secret, token);
  const repositories = chosen?.map((one) => repositoryShape(world, one));
  return {
    status: 201,
    body: {
      token: secret,
      expires_at: timestamp(token.expiresAt),
      permissions,
      repository_selection: "selected",
      ...(repositories ? { repositories } : {}),
    },
  };
}

function chosenPermissions(world: World, asked: Permissions | undefined): Permissions {
  const granted = world.app.permissions;
  if (!asked) return { ...granted, metadata: "read" };
  const within = Object.entries(asked).every(([name, level]) =>
    grants(granted, `${name}:${level}`),
  );
  if (!within) {
    throw new Refusal(422, "The permissions requested are not granted to this installation.");
  }
  return { ...asked, metadata: "read" };
}

function chosenRepositories(
  world: World,
  installation: Installation,
  body: TokenRequest,
): readonly Repository[] | undefined {
  if (!body.repositories && !body.repository_ids) return undefined;
  const mine = [...world.repositories.values()].filter(
    (one) => one.installation?.id === installation.id,
  );
  const names = (body.repositories ?? []).map((name) =>
    mine.find((one) => one.name.toLowerCase() === name.toLowerCase()),
  );
  const ids = (body.repository_ids ?? []).map((id) => mine.find((one) => one.id === id));
  return [...names, ...ids].map((one) => {
    if (one) return one;
    throw new Refusal(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  });
}

function makeSecret(world: World, form: TokenSettings["tokenForm"]): string {
  if (form === "short") return `ghs_${randomBytes(18).toString("hex")}`;
  const part = (bytes: number) => randomBytes(bytes).toString("base64url");
  return `ghs_${world.app.id}_${part(27)}.${part(180)}.${part(160)}`;
}
