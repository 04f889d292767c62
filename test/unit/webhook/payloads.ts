const common = (by: string) => ({
  installation: { id: 9 },
  repository: { id: 7, name: "fix-me", owner: { login: "octo" } },
  issue: {
    number: 5,
    title: "It breaks",
    body: "Call it twice.",
    updated_at: "2026-11-23T05:00:00Z",
  },
  sender: { login: by, id: 3, type: "User" },
});

/** An `issues.labeled` payload, as far as it is read. */
export function labeled(by: string, more: object = {}) {
  return { action: "labeled", label: { name: "dunlin" }, ...common(by), ...more };
}

/** An `issue_comment.created` payload, as far as it is read. */
export function commented(body: string, by: string, more: object = {}) {
  return { action: "created", comment: { id: 77, body }, ...common(by), ...more };
}
