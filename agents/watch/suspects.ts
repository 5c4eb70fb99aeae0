import type { Suspect } from "../../lib/model/suspects-entry.ts";
import type { WatchFacts } from "../../lib/status/facts.ts";

/** An instance that a proxy fails to use, and since when, in milliseconds of the clock. */
export interface SuspectSince extends Suspect {
  readonly sinceMs: number;
}

/** By the path of the instance. */
export type SuspectsSince = ReadonlyMap<string, SuspectSince>;

/** How many suspects are listed: a proxy may fail to use thousands of instances. */
const most = 50;

/** What status has of suspects, by the title of the proxy. */
export function suspectFacts(
  all: readonly (readonly [by: string, suspects: SuspectsSince])[],
): Pick<WatchFacts, "suspects"> {
  const list = all.flatMap(([by, suspects]) =>
    Array.from(suspects, ([key, suspect]) => ({ key, by, ...suspect })),
  );
  return list.length > 0 ? { suspects: { count: list.length, first: list.slice(0, most) } } : {};
}
