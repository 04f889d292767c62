import { z } from "zod";
import type { Person, RepositoryRef } from "../code-host/code-host.ts";

/** One verified webhook POST. `id` is the host's; the same delivery sent again keeps it. */
export type Delivery = { readonly id: string; readonly event: string; readonly payload: unknown };

type Asked = {
  readonly repository: RepositoryRef;
  readonly issueNumber: number;
  /** The issue's texts as the event carried them. */
  readonly seen: { readonly title: string; readonly body: string };
  /** Who did it, by the host's own word; no word on what they may do. */
  readonly sender: Person;
  /**
   * The same for the same labelling or comment, however often and under whichever id it is delivered. Letters, digits
   * and hyphens only.
   */
  readonly meaningKey: string;
};

export type LabelTrigger = Asked & { readonly kind: "label"; readonly label: string };

export type CommentTrigger = Asked & {
  readonly kind: "comment";
  readonly commentId: number;
  readonly comment: string;
  readonly onPullRequest: boolean;
};

/** What may ask for something, as far as the payload alone can say. */
export type Trigger = LabelTrigger | CommentTrigger;

export type Ignored = { readonly ignored: string };

const id = z.int().positive();
// Only what is used; whatever else GitHub adds or leaves out makes no difference.
const Common = z.object({
  action: z.string(),
  installation: z.object({ id }),
  repository: z.object({ id, name: z.string(), owner: z.object({ login: z.string() }) }),
  issue: z.object({
    number: id,
    title: z.string(),
    body: z.string().nullish(),
    updated_at: z.string(),
    pull_request: z.unknown().optional(),
  }),
  sender: z.object({ login: z.string(), id: z.int(), type: z.string() }),
});
const Labeled = Common.extend({ label: z.object({ name: z.string() }) });
const Commented = Common.extend({ comment: z.object({ id, body: z.string() }) });

/** Reads what Dunlin reacts to; everything else, however odd, is ignored with a reason. */
export function parseDelivery(event: string, payload: unknown): Trigger | Ignored {
  const action = z.object({ action: z.string() }).safeParse(payload).data?.action ?? "";
  if (event === "issues" && action === "labeled") return parseLabeled(payload);
  if (event === "issue_comment" && action === "created") return parseComment(payload);
  return { ignored: "no trigger" };
}

function parseLabeled(payload: unknown): Trigger | Ignored {
  const { data } = Labeled.safeParse(payload);
  if (data === undefined) return { ignored: "incomplete payload" };
  return orIgnoreBot({
    kind: "label",
    label: data.label.name,
    ...asked(data, `label-${data.issue.updated_at.replace(/\D/g, "")}`),
  });
}

function parseComment(payload: unknown): Trigger | Ignored {
  const { data } = Commented.safeParse(payload);
  if (data === undefined) return { ignored: "incomplete payload" };
  if (!data.comment.body.includes("@")) return { ignored: "no mention" };
  return orIgnoreBot({
    kind: "comment",
    commentId: data.comment.id,
    comment: data.comment.body,
    onPullRequest: Boolean(data.issue.pull_request),
    ...asked(data, `comment-${data.comment.id}`),
  });
}

function orIgnoreBot(trigger: Trigger): Trigger | Ignored {
  return trigger.sender.isBot ? { ignored: "sent by a bot" } : trigger;
}

function asked(data: z.output<typeof Common>, what: string): Asked {
  const { repository, issue, sender } = data;
  return {
    repository: {
      id: repository.id,
      owner: repository.owner.login,
      name: repository.name,
      installationId: data.installation.id,
    },
    issueNumber: issue.number,
    seen: { title: issue.title, body: issue.body ?? "" },
    sender: {
      login: sender.login,
      id: sender.id,
      isBot: sender.type === "Bot" || sender.login.endsWith("[bot]"),
    },
    meaningKey: `${repository.id}-${issue.number}-${what}`,
  };
}
