import { ALLOWED_TO, PUBLIC_ADDRESSES } from "../hosts.ts";
import { that } from "../judges.ts";

/** Dunlin dials public addresses of listed names only, at the listed ports. */
export const DIALLED = that(
  ({ dialled }) => {
    const bad = dialled.filter((one) => !ALLOWED_TO.has(one));
    return bad.length === 0 ? undefined : `Dunlin dialled ${bad.join(", ")}.`;
  },
  {
    bite: { dialled: ["169.254.169.254:80"] },
    calm: { dialled: [`${PUBLIC_ADDRESSES.allowed}:443`] },
  },
);

/** Nothing that names a host off the list arrives anywhere. */
export const UNSPOKEN = that(
  ({ upstream }) => upstream.find((one) => /^\S+:443: [\s\S]*forbidden\.test/i.test(one)),
  { bite: { upstream: ["allowed.test:443: \u0016\u0003forbidden.test"] } },
);
