import type { Changes } from "../model/changes.ts";
import { isWithin } from "../model/entry.ts";
import type { Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";
import type { Sources } from "./sources.ts";

/** The services within the prefixes of a template: a source if all of its folders are. */
export function visibleServices(
  { sources, byName }: Pools,
  prefixes: readonly string[],
): readonly Pool[] {
  if (seesAll(sources, prefixes)) return listOf(byName);
  const isVisible = visibility(sources, prefixes);
  return listOf(byName).filter(({ name }) => isVisible(name));
}

/** The changes as far as a template with these prefixes sees services. The keys are those of all templates. */
export function visibleChanges(
  changes: Changes,
  { sources }: Pools,
  prefixes: readonly string[],
): Changes {
  if (changes.services.size === 0 || seesAll(sources, prefixes)) return changes;
  const isVisible = visibility(sources, prefixes);
  return { ...changes, services: new Set([...changes.services].filter(isVisible)) };
}

const lists = new WeakMap<Pools["byName"], readonly Pool[]>();

/** The same list for all templates. */
function listOf(byName: Pools["byName"]): readonly Pool[] {
  const known = lists.get(byName) ?? [...byName.values()];
  lists.set(byName, known);
  return known;
}

function seesAll(sources: Sources, prefixes: readonly string[]): boolean {
  return seesFolder(sources, prefixes) && sources.hiddenBy(prefixes).size === 0;
}

function seesFolder({ folder }: Sources, prefixes: readonly string[]): boolean {
  return folder === false || prefixes.some((prefix) => isWithin(folder, prefix));
}

function visibility(sources: Sources, prefixes: readonly string[]): (service: string) => boolean {
  const { folder, named } = sources;
  const hidden = sources.hiddenBy(prefixes);
  const isWhole = seesFolder(sources, prefixes);
  return (name) => {
    if (named.has(name)) return !hidden.has(name);
    return isWhole || prefixes.some((prefix) => isWithin(`${folder}/${name}`, prefix));
  };
}
