import type { KeptRecord, Place } from "../kept/kept-sandboxes.ts";

/** The place of a sandbox that outlives this process, with what opens its wire. */
export type KeptPlace = {
  readonly token: Uint8Array;
  write(record: Omit<KeptRecord, "token">): Promise<void>;
};

export function keptPlace(place: Place, token: Uint8Array): KeptPlace {
  const hex = Buffer.from(token).toString("hex");
  return {
    token,
    async write({ imageEnv, ...about }) {
      const record = { ...about, token: hex };
      await place.write(imageEnv === undefined ? record : { ...record, imageEnv });
    },
  };
}
