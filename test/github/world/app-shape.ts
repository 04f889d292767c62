import { accountShape } from "./accounts.ts";
import type { Installation, World } from "./world.ts";
import { nodeId } from "./world.ts";

/** GitHub's `integration`. */
export function appShape(world: World) {
  const { app } = world;
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId("Integration", app.id),
    client_id: app.clientId,
    owner: accountShape(world, app.owner),
    name: app.name,
    description: null,
    external_url: `${world.url}/apps/${app.slug}`,
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: app.events,
    installations_count: world.installations.size,
  };
}

/** GitHub's `installation`. */
export function installationShape(world: World, installation: Installation) {
  const { app } = world;
  return {
    id: installation.id,
    account: accountShape(world, installation.account),
    repository_selection: "selected",
    access_tokens_url: `${world.url}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.url}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    client_id: app.clientId,
    target_id: installation.account.id,
    target_type: installation.account.type,
    permissions: app.permissions,
    events: app.events,
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  };
}

/** What GitHub puts as `performed_via_github_app` on what the app wrote. */
export function viaApp(world: World, author: { readonly id: number }) {
  return author.id === world.app.bot.id ? appShape(world) : null;
}
