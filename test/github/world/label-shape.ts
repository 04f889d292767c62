import type { Label, Repository, World } from "./world.ts";
import { apiUrl, nodeId } from "./world.ts";

const COLOR = "ededed";

/** The repository's label of that name in any case; made when there is none. */
export function ensureLabel(
  world: World,
  repository: Repository,
  name: string,
  look: { readonly color?: string; readonly description?: string | null } = {},
): Label {
  const known = repository.labels.get(name.toLowerCase());
  if (known) return known;
  const { color = COLOR, description = null } = look;
  const label: Label = { id: world.nextId(), name, color, description };
  repository.labels.set(name.toLowerCase(), label);
  return label;
}

/** GitHub's `label`. */
export function labelShape(world: World, repository: Repository, name: string) {
  const label = ensureLabel(world, repository, name);
  return {
    id: label.id,
    node_id: nodeId("Label", label.id),
    url: `${apiUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}
