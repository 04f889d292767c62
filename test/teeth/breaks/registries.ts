import type { Break } from "../break.ts";

const GATEWAY = {
  file: "src/sandbox/egress-registry.ts",
  test: "test/unit/sandbox/egress-registry.test.ts",
};

/** Places that packages come from, and the phase in which they are open. */
export const registryBreaks: readonly Break[] = [
  {
    ...GATEWAY,
    id: "registry-writes",
    promise: "registries-read-only",
    find: 'if (method !== "GET" && method !== "HEAD") {',
    replace: 'if (method === "CONNECT") {',
    name: "POST is refused",
  },
  {
    ...GATEWAY,
    id: "registry-path-climbs",
    promise: "registries-read-only",
    find: "!url.href.startsWith(registry.url) || climbs(rest)",
    replace: "!url.href.startsWith(registry.url)",
    name: "leads nowhere",
  },
  {
    ...GATEWAY,
    id: "redirect-anywhere",
    promise: "registries-read-only",
    find: "if (registry === undefined || climbs(url.pathname)) {",
    replace: "if (registry === undefined && climbs(url.pathname)) {",
    name: "a redirect is followed to what is listed",
  },
  {
    ...GATEWAY,
    id: "credential-for-the-host",
    promise: "registry-credentials",
    find: "({ url }) => address.startsWith(url)",
    replace: "({ url }) => new URL(address).host.startsWith(new URL(url).host)",
    name: "a credential goes below its own prefix",
  },
  {
    id: "registry-repeats-credential",
    promise: "registry-credentials",
    file: "src/sandbox/wire-host/registry-gateway.ts",
    find: "if (UNAUTHORIZED.includes(status)) {",
    replace: "if (UNAUTHORIZED.includes(-status)) {",
    test: "test/unit/sandbox/wire-host/registry-gateway.test.ts",
    name: "a refused credential is not repeated",
  },
  {
    id: "setup-for-anything",
    promise: "closed-network",
    file: "src/agent/tools/shell.ts",
    find: "command.trim() !== allowed.trim()",
    replace: "!command.includes(allowed)",
    test: "test/unit/agent/tools/shell.test.ts",
    name: "with setup the install command runs",
  },
];
