import { notFound } from "../http/refusal.ts";
import { ok, onAnyone, onRepository, type Route, textIn } from "../http/route.ts";
import { accountShape, coarsePermission, roleOf, rolePermissions } from "../world/accounts.ts";

export const peopleRoutes: readonly Route[] = [
  onAnyone("GET /users/{username}", {}, (call) => {
    const who = call.world.accounts.get(textIn(call, "username").toLowerCase());
    if (!who) throw notFound();
    const none = { name: null, company: null, blog: null, location: null, email: null, bio: null };
    const counts = { public_repos: 0, public_gists: 0, followers: 0, following: 0 };
    const since = call.world.app.createdAt;
    return ok({
      ...accountShape(call.world, who),
      ...none,
      ...counts,
      hireable: null,
      created_at: since,
      updated_at: since,
    });
  }),
  onRepository(
    "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
    { needs: ["metadata:read"], person: "write" },
    (call) => {
      const who = call.world.accounts.get(textIn(call, "username").toLowerCase());
      if (!who) throw notFound(`${textIn(call, "username")} is not a user`);
      const role = roleOf(call.repository, who);
      const permissions = rolePermissions(role);
      return ok({
        permission: coarsePermission(role),
        role_name: role,
        user: { ...accountShape(call.world, who), permissions, role_name: role },
      });
    },
  ),
];
