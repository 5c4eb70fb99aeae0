import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { PresenceState } from "./state.ts";

/** The path of the entry of an instance of this agent, whether it is registered or not; undefined for any other instance. */
export function ownPath(
  name: string,
  placing: Placing,
  { found, storeKeys }: Pick<PresenceState, "found" | "storeKeys">,
  folder: string,
): string | undefined {
  if (!found.value.found.some(({ instance }) => nameOf(instance) === name)) return undefined;
  const key = placesOf(placing).keyOf(name);
  return `${folder}${storeKeys.value.get(key) ?? key}`;
}
