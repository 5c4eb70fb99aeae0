import { nearest } from "../base/nearest.ts";
import type { Endpoint } from "../model/pool.ts";
import type { Guarded } from "./contract.ts";
import type { Sources } from "./sources.ts";

/** An instance by the name of its service and its key. */
export interface FoundKey {
  /** Undefined for a key that is no instance of any service. */
  readonly service: string | undefined;
  readonly id: string;
  readonly key: string;
}

/**
 * The instances that `service/id`, `service/address` or a full key stand for: of a source with several folders there may be
 * several, the one that is served first. At least one, the key of which may not exist.
 */
export function findInstances(asked: string, guarded: Guarded): readonly FoundKey[] {
  const { sources } = guarded.observed;
  if (asked.startsWith("/")) {
    const id = asked.slice(asked.lastIndexOf("/") + 1);
    const services = [...sources.servicesOf(asked)];
    return services.length === 0
      ? [{ service: undefined, id, key: asked }]
      : services.map((service) => ({ service, id, key: asked }));
  }
  const [service, id] = serviceAndId(asked, sources);
  const known = knownIn(service, guarded);
  const byId = known.filter((one) => one.id === id);
  const keys = keysOf(service, id, sources);
  const { snapshot, quarantined } = guarded.observed;
  const held = new Set((quarantined.get(service) ?? []).map(({ key }) => key));
  const unreadable = new Set(snapshot.unreadable.map(({ key }) => key));
  const entries = keys.filter((key) => snapshot.get(key) || held.has(key) || unreadable.has(key));
  const found = [...byId.map(({ key }) => key), ...entries];
  const byAddress = known.filter(({ address }) => address === id).map(({ key }) => key);
  const all = [found, byAddress, keys.slice(0, 1)].find(({ length }) => length > 0) ?? [asked];
  return [...new Set(all)].map((key) => ({ service, id, key }));
}

/** At most five names that `service/id` may have been meant to be: of the same service, or else of one with a similar name. */
export function similarNames(asked: string, guarded: Guarded): readonly string[] {
  const { sources, byName } = guarded.effective;
  const [first] = findInstances(asked, guarded);
  const [service, id] = first?.service ? [first.service, first.id] : serviceAndId(asked, sources);
  const meant = byName.has(service) ? service : nearest(service, byName.keys());
  if (meant === undefined) return [];
  const ids = knownIn(meant, guarded).map((one) => one.id);
  const closest = nearest(id, ids);
  const others = ids.filter((one) => one !== closest);
  const all = closest === undefined ? others : [closest, ...others];
  return all.slice(0, mostSimilar).map((one) => `${meant}/${one}`);
}

const mostSimilar = 5;

/** Of a service: the served instances first. */
function knownIn(service: string, { observed, effective }: Guarded): readonly Endpoint[] {
  const { instances = [], unserved = [] } = effective.byName.get(service) ?? {};
  return [...instances, ...unserved, ...(observed.beyond.get(service)?.instances ?? [])];
}

function serviceAndId(asked: string, { named }: Sources): readonly [service: string, id: string] {
  const [first, last] = [asked.indexOf("/"), asked.lastIndexOf("/")];
  if (first === -1) return [asked, ""];
  const at = named.has(asked.slice(0, last)) ? last : first;
  return [asked.slice(0, at), asked.slice(at + 1)];
}

/** The keys that an instance of a service can have. */
function keysOf(service: string, id: string, sources: Sources): readonly string[] {
  const folders = sources.foldersOf(service);
  if (folders) return folders.map(({ path }) => `${path}/${id}`);
  return sources.folder === false ? [] : [`${sources.folder}/${service}/${id}`];
}
