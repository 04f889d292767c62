import { invalid, notFound } from "../http/refusal.ts";
import { created, ok, onRepository, page, type Route, textIn } from "../http/route.ts";
import { ensureLabel, labelShape } from "../world/label-shape.ts";

const needs = (level: "read" | "write") => [`issues:${level}`, `pull_requests:${level}`];

type NewLabel = {
  readonly name: string;
  readonly color?: string;
  readonly description?: string;
};

export const labelRoutes: readonly Route[] = [
  onRepository(
    "GET /repos/{owner}/{repo}/labels",
    { needs: needs("read"), takes: ["per_page", "page"] },
    (call) =>
      page(call, [...call.repository.labels.values()], (label) =>
        labelShape(call.world, call.repository, label.name),
      ),
  ),
  onRepository("GET /repos/{owner}/{repo}/labels/{name}", { needs: needs("read") }, (call) => {
    const label = call.repository.labels.get(textIn(call, "name").toLowerCase());
    if (!label) throw notFound();
    return ok(labelShape(call.world, call.repository, label.name));
  }),
  onRepository<NewLabel>(
    "POST /repos/{owner}/{repo}/labels",
    { needs: needs("write"), takes: ["name", "color", "description"] },
    ({ world, repository, body }) => {
      if (repository.labels.has(body.name.toLowerCase())) {
        throw invalid("Label", "name", "custom", "already_exists");
      }
      ensureLabel(world, repository, body.name, body);
      return created(labelShape(world, repository, body.name));
    },
  ),
];
