/**
 * Where everything that outlives a run is kept. Absolute. `uid` is the process's own, undefined where there are none.
 */
export function dataFolder(
  env: Readonly<Record<string, string | undefined>>,
  { uid, home }: { readonly uid: number | undefined; readonly home: string },
): string {
  if (env["DUNLIN_DATA_DIR"]) return env["DUNLIN_DATA_DIR"];
  return uid === 0 ? "/var/lib/dunlin" : `${home}/.local/share/dunlin`;
}
