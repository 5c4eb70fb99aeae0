import { isWithinAny } from "../model/entry.ts";
import type { FleetWatcher } from "./contract.ts";

/** How many instances have a note of their own. */
const most = 20;

/** `/services/web/10.0.0.1:80: 3 of 4 proxies cannot connect to it (edge-1, edge-2, edge-3)`, for each instance that proxies fail to use. */
export function suspectNotes(watchers: readonly FleetWatcher[]): readonly string[] {
  const all = watchers.flatMap(({ id, suspects = {} }) =>
    Object.entries(suspects).map(([path, words]) => ({ id, path, words })),
  );
  const notes = Array.from(
    Map.groupBy(all, ({ path, words }) => JSON.stringify([path, words])).values(),
    (same) => {
      const [{ path, words } = { path: "", words: "" }] = same;
      const using = watchers.filter(({ prefixes }) => isWithinAny(path, prefixes));
      const names = same.map(({ id }) => id).join(", ");
      return `${path}: ${same.length} of ${using.length} proxies ${words} (${names})`;
    },
  );
  const more = notes.length - most;
  return [
    ...notes.toSorted().slice(0, most),
    ...(more > 0 ? [`proxies fail to use ${more} more instances`] : []),
  ];
}
