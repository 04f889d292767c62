/** What was found out about the machine. */
export type MachineFacts = {
  readonly platform: string;
  readonly isRoot: boolean;
  /** Address of an engine that answers. */
  readonly answering: string | undefined;
  /** The operator's own choice, when it is set. */
  readonly dockerHost: string | undefined;
  /** A socket that only another user or group may open. */
  readonly denied: string | undefined;
  readonly hasApt: boolean;
  readonly installed: readonly string[];
};

/**
 * A command that the set-up wants where it starts an engine of its own, and the Debian package it comes in: the engine's,
 * its images', and another kind of sandbox that needs no engine.
 */
export const NEEDED: Readonly<Record<string, string>> = {
  dockerd: "docker.io",
  mmdebstrap: "mmdebstrap",
  bwrap: "bubblewrap",
};

export type EnginePlan =
  | { readonly do: "use"; readonly address: string }
  /** Start a daemon of Dunlin's own, after these packages are installed. */
  | { readonly do: "start"; readonly install: readonly string[] }
  | { readonly do: "tell"; readonly message: string };

/** The least that leads to a container engine; a message names the one thing that the person has to do. */
export function planEngine(facts: MachineFacts): EnginePlan {
  if (facts.answering !== undefined) return { do: "use", address: facts.answering };
  if (facts.dockerHost !== undefined)
    return tell(
      `No container engine answers at DOCKER_HOST (${facts.dockerHost}): start it or unset DOCKER_HOST.`,
    );
  if (facts.denied !== undefined)
    return tell(
      `Your user may not open ${facts.denied}: run \`sudo usermod -aG docker "$USER"\`, log in again, then try again.`,
    );
  if (facts.platform !== "linux")
    return tell(
      "No container engine answers: start Docker Desktop (or another engine with Docker's API), then try again.",
    );
  if (!facts.isRoot)
    return tell(
      "No container engine answers: start Docker, or run `sudo npm run setup` once on Debian or Ubuntu, then try again.",
    );
  const missing = Object.keys(NEEDED).filter((program) => !facts.installed.includes(program));
  if (missing.includes("dockerd") && !facts.hasApt)
    return tell(
      "No container engine answers and this isn't Debian or Ubuntu: install Docker, start it, then try again.",
    );
  return {
    do: "start",
    install: facts.hasApt ? missing.map((program) => NEEDED[program] ?? program) : [],
  };
}

function tell(message: string): EnginePlan {
  return { do: "tell", message };
}
