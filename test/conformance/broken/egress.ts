import type { EgressPolicy } from "../../../src/sandbox/egress.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { EGRESS_CLIENT } from "../egress-client.ts";
import type { Lie, Lies } from "./lie.ts";
import { commands, providers, sandboxes, wayOut } from "./lie.ts";

const policies = (change: (policy: EgressPolicy) => EgressPolicy) =>
  sandboxes((sandbox) => ({ setEgress: (policy) => sandbox.setEgress(change(policy)) }));

const refusals = (change: (list: Sandbox["refusals"]) => Sandbox["refusals"]) =>
  sandboxes((sandbox) => ({
    get refusals() {
      return change(sandbox.refusals);
    },
  }));

const isRefused = (said: string) => said.startsWith("403 ");
const reached = wayOut((said) => (isRefused(said) ? "200 got there" : said));
const dialsAnyway: Lie = (stage) => {
  const lie = commands(async (exec, argv, options) => {
    const result = await exec(argv, options);
    if (argv[2] !== EGRESS_CLIENT) return result;
    const socket = await stage.outside.dialler.connect("127.0.0.1", stage.outside.httpPort);
    socket.destroy();
    return result;
  });
  return lie(stage);
};

export const EGRESS_LIES: Lies = {
  "Nothing outside can be reached directly: public, private, link-local or the engine's own.":
    wayOut((said, index) => (index === 2 ? "reached" : said)),
  "The host's own loopback isn't the sandbox's.": wayOut(() => "reached"),
  "No name is resolved inside, so that none can carry a message out.": wayOut(() => "resolved"),
  "No datagram leaves.": wayOut(() => "sent"),
  "Without a policy that allows something, the proxy refuses everything, with a reason.": wayOut(
    () => "403",
  ),
  "A listed origin answers a plain request, with its path and its body.": wayOut((said) =>
    said.replace("?b=c", ""),
  ),
  "A listed origin can be spoken to through a tunnel, by TLS too.": wayOut(() => "cut"),
  "A sandbox that is made with a policy has it from its first command.": providers((provider) => ({
    create: (spec, options) => provider.create({ ...spec, egress: { mode: "none" } }, options),
  })),
  "Only the listed host and port can be reached: no other host, no other port, no address.": wayOut(
    (said, index) => (index === 2 ? "200 another port" : said),
  ),
  "A listed name in other letters, or with a dot at its end, is the same name.": wayOut(
    () => "403 PUBLIC.test is not on the allow-list.",
  ),
  "A listed name that has a private address is refused without the operator's word.": dialsAnyway,
  "A listed name with one bad address among good ones is refused.": reached,
  "A metadata address is refused even where the operator allows the name.": reached,
  "A private address in another notation is a private address.": wayOut((said, index) =>
    index === 1 ? "200 got there" : said,
  ),
  "The address that was judged is dialled: a name that changes its answer gains nothing.":
    dialsAnyway,
  "TLS for another server than the tunnel's is cut, and so is TLS that names none.": wayOut(
    (_, index) => (index === 0 ? "secure other.test" : "cut"),
  ),
  "When the allowed bytes are used up, connections are cut and new ones refused.": policies(
    (policy) => ({ ...policy, maxBytes: 1e9 }),
  ),
  "A new policy begins with all of its bytes.": sandboxes((sandbox) => {
    let isFirst = true;
    return {
      setEgress: async (policy) => {
        if (isFirst || policy.mode === "none") await sandbox.setEgress(policy);
        isFirst = false;
      },
    };
  }),
  "A policy holds for new connections at once, whether it opens or closes.": policies((policy) =>
    policy.mode === "none" ? { mode: "allow", origins: [], maxBytes: 0 } : { mode: "none" },
  ),
  "Open connections are cut when the network is closed.": commands(async (exec, argv, options) => {
    const { onOutput, ...rest } = options;
    const result = await exec(argv, rest);
    // Nobody cuts it: the command goes on until its time is over.
    return onOutput === undefined ? result : { ...result, end: "timeout", exitCode: null };
  }),
  "Each refusal is recorded with host, port, reason and the command that caused it.": refusals(
    (list) => list.map((one) => ({ ...one, command: "" })),
  ),
  "A record of a refusal is one line of plain text, whatever the command was called.": refusals(
    (list) => list.map((one) => ({ ...one, command: `${one.command}\u001b[0m` })),
  ),
  "The record of refusals has an end, and the same one twice is one.": refusals((list) => [
    ...list,
    ...list.slice(0, 1),
  ]),
  "A server that doesn't answer is an error for the command, and no silence.": commands(
    async (exec, argv, options) => {
      const result = await exec(argv, options);
      return argv[2] === EGRESS_CLIENT ? { ...result, end: "timeout", exitCode: null } : result;
    },
  ),
};
