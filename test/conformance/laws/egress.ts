import assert from "node:assert/strict";
import type { EgressPolicy } from "../../../src/sandbox/egress.ts";
import { attempt } from "../egress-client.ts";
import type { Law } from "../law.ts";
import { rebindingName } from "../outside.ts";

const MIB = 1024 ** 2;

/** What leaves a sandbox, and what must not. */
export const EGRESS_LAWS: readonly Law[] = [
  {
    promise:
      "Nothing outside can be reached directly: public, private, link-local or the engine's own.",
    async check({ shared }) {
      const hosts = [
        "1.1.1.1",
        "10.0.0.1",
        "172.17.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "2606:4700::1111",
      ];
      const dials = hosts.map((host) => ({ do: "dial", host, port: 80 }) as const);
      for (const said of await attempt(await shared(), dials)) assert.match(said, /^failed /);
    },
  },
  {
    promise: "The host's own loopback isn't the sandbox's.",
    async check({ shared, outside }) {
      const dial = { do: "dial", host: "127.0.0.1", port: outside.httpPort } as const;
      assert.deepEqual(await attempt(await shared(), [dial]), ["failed ECONNREFUSED"]);
    },
  },
  {
    promise: "No name is resolved inside, so that none can carry a message out.",
    async check({ shared }) {
      const hosts = ["example.org", "secret.attacker.example"];
      const lookups = hosts.map((host) => ({ do: "lookup", host }) as const);
      for (const said of await attempt(await shared(), lookups)) assert.match(said, /^failed /);
    },
  },
  {
    promise: "No datagram leaves.",
    async check({ shared }) {
      const hosts = ["1.1.1.1", "169.254.169.254"];
      const sends = hosts.map((host) => ({ do: "datagram", host, port: 53 }) as const);
      for (const said of await attempt(await shared(), sends)) assert.match(said, /^failed /);
    },
  },
  {
    promise: "Without a policy that allows something, the proxy refuses everything, with a reason.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.httpPort, await shared()];
      const said = await attempt(sandbox, [
        { do: "get", url: `http://listed.test:${port}/` },
        { do: "tunnel", host: "listed.test", port },
      ]);
      for (const answer of said) assert.match(answer, /^403 .{10}/);
    },
  },
  {
    promise: "A listed origin answers a plain request, with its path and its body.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.httpPort, await shared()];
      await sandbox.setEgress(allow(`listed.test:${port}`));
      const said = await attempt(sandbox, [
        { do: "get", url: `http://listed.test:${port}/a?b=c` },
        { do: "get", url: `http://listed.test:${port}/`, body: "a body" },
      ]);
      assert.deepEqual(said, [`200 listed.test:${port} /a?b=c`, "200 a body"]);
    },
  },
  {
    promise: "A listed origin can be spoken to through a tunnel, by TLS too.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.tlsPort, await shared()];
      await sandbox.setEgress(allow(`listed.test:${port}`));
      const tls = { do: "tls", host: "listed.test", port, name: "listed.test" } as const;
      assert.deepEqual(await attempt(sandbox, [tls]), ["secure listed.test"]);
    },
  },
  {
    promise: "A sandbox that is made with a policy has it from its first command.",
    async check({ create, outside }) {
      const origin = `listed.test:${outside.httpPort}`;
      const sandbox = await create({ egress: allow(origin) });
      const get = { do: "get", url: `http://${origin}/` } as const;
      assert.deepEqual(await attempt(sandbox, [get]), [`200 ${origin} /`]);
    },
  },
  {
    promise:
      "Only the listed host and port can be reached: no other host, no other port, no address.",
    async check({ shared, outside }) {
      const [{ httpPort, tlsPort }, sandbox] = [outside, await shared()];
      await sandbox.setEgress(allow(`listed.test:${httpPort}`));
      const before = outside.dials.length;
      const said = await attempt(sandbox, [
        { do: "get", url: `http://public.test:${httpPort}/` },
        { do: "get", url: `http://sub.listed.test:${httpPort}/` },
        { do: "tunnel", host: "listed.test", port: tlsPort },
        { do: "tunnel", host: "127.0.0.1", port: httpPort },
        { do: "tunnel", host: "203.0.113.10", port: httpPort },
      ]);
      for (const answer of said) assert.match(answer, /^403 /);
      assert.deepEqual(outside.dials.slice(before), []);
    },
  },
  {
    promise: "A listed name in other letters, or with a dot at its end, is the same name.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.httpPort, await shared()];
      await sandbox.setEgress(allow(`public.test:${port}`));
      const said = await attempt(sandbox, [{ do: "tunnel", host: "PUBLIC.test", port }]);
      assert.match(said.join(), /^200 /);
    },
  },
  {
    promise: "A listed name that has a private address is refused without the operator's word.",
    async check({ shared, outside }) {
      await refusedAfterResolution(await shared(), outside, ["inner.test", "nearby.test"]);
    },
  },
  {
    promise: "A listed name with one bad address among good ones is refused.",
    async check({ shared, outside }) {
      await refusedAfterResolution(await shared(), outside, ["mixed.test"]);
    },
  },
  {
    promise: "A metadata address is refused even where the operator allows the name.",
    async check({ shared, outside }) {
      await refusedAfterResolution(await shared(), outside, ["metadata.test"]);
    },
  },
  {
    promise: "A private address in another notation is a private address.",
    async check({ shared, outside }) {
      const hosts = ["mapped.test", "2130706433", "0x7f.1", "127.1"];
      await refusedAfterResolution(await shared(), outside, hosts);
    },
  },
  {
    promise:
      "The address that was judged is dialled: a name that changes its answer gains nothing.",
    async check({ shared, outside }) {
      const [port, sandbox, host] = [outside.httpPort, await shared(), rebindingName()];
      await sandbox.setEgress(allow(`${host}:${port}`));
      const before = outside.dials.length;
      await attempt(sandbox, [
        { do: "get", url: `http://${host}:${port}/` },
        { do: "get", url: `http://${host}:${port}/` },
      ]);
      assert.deepEqual(outside.dials.slice(before), [`203.0.113.12:${port}`]);
    },
  },
  {
    promise: "TLS for another server than the tunnel's is cut, and so is TLS that names none.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.tlsPort, await shared()];
      await sandbox.setEgress(allow(`listed.test:${port}`));
      const tls = { do: "tls", host: "listed.test", port } as const;
      const said = await attempt(sandbox, [{ ...tls, name: "other.test" }, tls]);
      assert.deepEqual(said, ["cut", "cut"]);
    },
  },
  {
    promise: "When the allowed bytes are used up, connections are cut and new ones refused.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.httpPort, await shared()];
      await sandbox.setEgress({ ...allow(`listed.test:${port}`), maxBytes: MIB });
      const large = { do: "get", url: `http://listed.test:${port}/large` } as const;
      const [first = "", second = ""] = await attempt(sandbox, [large, large]);
      assert.ok(
        Number(/(\d+)$/.exec(first)?.[1] ?? 0) <= MIB,
        `All of it came: ${first.slice(-40)}`,
      );
      assert.match(second, /^403 /);
    },
  },
  {
    promise: "A new policy begins with all of its bytes.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.httpPort, await shared()];
      const policy = { ...allow(`listed.test:${port}`), maxBytes: MIB };
      await sandbox.setEgress(policy);
      await attempt(sandbox, [{ do: "get", url: `http://listed.test:${port}/large` }]);
      await sandbox.setEgress(policy);
      const said = await attempt(sandbox, [{ do: "get", url: `http://listed.test:${port}/` }]);
      assert.match(said.join(), /^200 /);
    },
  },
  {
    promise: "A policy holds for new connections at once, whether it opens or closes.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.httpPort, await shared()];
      const get = { do: "get", url: `http://listed.test:${port}/` } as const;
      for (const isOpen of [true, false, true, false]) {
        await sandbox.setEgress(isOpen ? allow(`listed.test:${port}`) : { mode: "none" });
        const said = await attempt(sandbox, [get]);
        assert.match(said.join(), isOpen ? /^200 / : /^403 /);
      }
    },
  },
  {
    promise: "Open connections are cut when the network is closed.",
    async check({ shared, outside }) {
      const [port, sandbox] = [outside.httpPort, await shared()];
      await sandbox.setEgress(allow(`listed.test:${port}`));
      const endless = { do: "tunnel", host: "listed.test", port, path: "/open" } as const;
      const said = await attempt(sandbox, [endless], {
        timeoutMs: 20_000,
        onOutput: async ({ fd }) => {
          if (fd === 2) await sandbox.setEgress({ mode: "none" });
        },
      });
      assert.match(said.join(), /^200 open|^failed/);
    },
  },
  {
    promise: "Each refusal is recorded with host, port, reason and the command that caused it.",
    async check({ shared }) {
      const [sandbox, host] = [await shared(), `outside-${Date.now()}.test`];
      await attempt(sandbox, [{ do: "get", url: `http://${host}:81/` }]);
      const refusal = sandbox.refusals.find((one) => one.host === host);
      assert.equal(refusal?.port, 81);
      assert.match(refusal?.reason ?? "", /.{10}/);
      assert.match(refusal?.command ?? "", /^node -e /);
    },
  },
  {
    promise: "A record of a refusal is one line of plain text, whatever the command was called.",
    async check({ shared }) {
      const [sandbox, host] = [await shared(), `odd-${Date.now()}.test`];
      const get = { do: "get", url: `http://${host}:81/` } as const;
      await attempt(sandbox, [get], {}, ["\u001b[31m\n\u202e\r"]);
      const refusal = sandbox.refusals.find((one) => one.host === host);
      assert.equal(refusal?.host, host);
      assert.match(Object.values(refusal).join(), /^[\x20-\x7e]+$/);
    },
  },
  {
    promise: "The record of refusals has an end, and the same one twice is one.",
    async check({ create }) {
      const sandbox = await create();
      const attempts = Array.from({ length: 260 }, (_, index) => {
        return {
          do: "tunnel",
          host: `flood-${index >> 1}-${(index % 2) * index}.test`,
          port: 81,
        } as const;
      });
      await attempt(sandbox, [...attempts, ...attempts.slice(0, 20)]);
      const seen = new Set(sandbox.refusals.map((one) => JSON.stringify(one)));
      assert.equal(seen.size, sandbox.refusals.length);
      assert.ok(seen.size >= 100 && seen.size <= 250, `There are ${seen.size}.`);
    },
  },
  {
    promise: "A server that doesn't answer is an error for the command, and no silence.",
    async check({ shared }) {
      const sandbox = await shared();
      await sandbox.setEgress(allow("listed.test:1"));
      const said = await attempt(sandbox, [{ do: "tunnel", host: "listed.test", port: 1 }]);
      assert.match(said.join(), /^(403|502|504|cut)/);
    },
  },
];

async function refusedAfterResolution(
  sandbox: Parameters<typeof attempt>[0],
  { httpPort, dials }: { readonly httpPort: number; readonly dials: readonly string[] },
  hosts: readonly string[],
): Promise<void> {
  await sandbox.setEgress(allow(...hosts.map((host) => `${host}:${httpPort}`)));
  const before = dials.length;
  const tunnels = hosts.map((host) => ({ do: "tunnel", host, port: httpPort }) as const);
  for (const said of await attempt(sandbox, tunnels)) assert.match(said, /^403 /);
  assert.deepEqual(dials.slice(before), []);
}

function allow(...origins: readonly string[]): EgressPolicy & { mode: "allow" } {
  return { mode: "allow", origins, maxBytes: 64 * MIB };
}
