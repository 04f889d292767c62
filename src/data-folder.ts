/** Where everything that outlives a run is kept. `uid` is the process's own, undefined where there are none. */
export function chooseDataFolder(
  chosen: string | undefined,
  { uid, home }: { readonly uid: number | undefined; readonly home: string },
): string {
  if (chosen) return chosen;
  return uid === 0 ? "/var/lib/dunlin" : `${home}/.local/share/dunlin`;
}
