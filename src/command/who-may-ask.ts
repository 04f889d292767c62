import type { CodeHost, Permission, Person } from "../code-host/code-host.ts";

const MAY_WRITE: readonly Permission[] = ["admin", "maintain", "write"];

/** Whether the code host says, now, that this account is a person with write access. Bots and apps never are. */
export async function mayAsk(host: CodeHost, person: Person | null): Promise<boolean> {
  if (person === null || looksLikeBot(person)) return false;
  return canWrite(await host.permission(person.login));
}

export function canWrite(permission: Permission): boolean {
  return MAY_WRITE.includes(permission);
}

/** The host's own word, or a name that only apps have. */
export function looksLikeBot(person: Person): boolean {
  return person.isBot || person.login.toLowerCase().endsWith("[bot]");
}
