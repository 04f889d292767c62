import { notFound } from "../http/refusal.ts";
import { type Answer, type Call, numberIn, ok, onApp, type Route } from "../http/route.ts";
import type { Delivery } from "../world/webhooks.ts";

export const hookRoutes: readonly Route[] = [
  onApp("GET /app/hook/deliveries", { takes: ["per_page", "cursor"] }, listDeliveries),
  onApp("GET /app/hook/deliveries/{delivery_id}", {}, (call) => ok(fullShape(deliveryIn(call)))),
  onApp("POST /app/hook/deliveries/{delivery_id}/attempts", {}, (call) => {
    void call.world.webhooks.redeliver(deliveryIn(call).guid);
    return { status: 202, body: {} };
  }),
];

/** Newest first, by cursor. */
function listDeliveries(call: Call): Answer {
  const size = Math.min(100, Number(call.query.get("per_page") ?? 30) || 30);
  const before = Number(call.query.get("cursor")?.replace("v1_", "") ?? Number.POSITIVE_INFINITY);
  const older = call.world.webhooks.deliveries.filter((one) => one.id < before).reverse();
  const shown = older.slice(0, size);
  const last = shown.at(-1);
  const next = new URL(call.url);
  next.searchParams.set("cursor", `v1_${last?.id}`);
  const link = older.length > size ? { link: `<${next.href}>; rel="next"` } : {};
  return { status: 200, body: shown.map(shape), headers: link };
}

function deliveryIn(call: Call): Delivery {
  const id = numberIn(call, "delivery_id");
  const found = call.world.webhooks.deliveries.find((one) => one.id === id);
  if (!found) throw notFound();
  return found;
}

function shape(delivery: Delivery) {
  const { outcome } = delivery;
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: Math.round(outcome?.durationMs ?? 0) / 1000,
    status: statusText(delivery),
    status_code: outcome?.status ?? 0,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

function statusText({ outcome }: Delivery): string {
  if (!outcome) return "pending";
  if (outcome.status === 0) {
    return outcome.error?.includes("Timeout") ? "timed out" : "failed to connect to host";
  }
  const good = outcome.status < 300;
  return good ? "OK" : `Invalid HTTP Response: ${outcome.status}`;
}

function fullShape(delivery: Delivery) {
  const { outcome } = delivery;
  return {
    ...shape(delivery),
    url: "",
    request: { headers: delivery.headers, payload: delivery.payload },
    response: { headers: outcome?.headers ?? {}, payload: outcome?.body ?? "" },
  };
}
