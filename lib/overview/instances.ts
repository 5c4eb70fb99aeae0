import type { Endpoint, Pool } from "../model/pool.ts";
import type { InstanceStatus, QuarantinedStatus, StatusReport } from "../status/contract.ts";
import { describeDrain, restOf } from "../status/describe.ts";
import type { Pools } from "../view/contract.ts";
import type { InstanceState, OverviewInstance, OverviewService } from "./contract.ts";
import { ServedPool, type ServingGroup } from "./serving.ts";

/** The ones that need attention come first. */
const order: readonly InstanceState[] = [
  ...(["quarantined", "unhealthy", "not served", "not registered"] as const),
  ...(["retained", "draining", "unknown", "standby", "serving"] as const),
];

/** The facts about services. */
export interface ServiceFacts {
  readonly report: StatusReport;
  /** The services as templates see them; undefined without a watcher. */
  readonly pools: Pools | undefined;
  /** What makes files of them. */
  readonly groups?: readonly ServingGroup[];
}

/** The services that this process registers, or that its watcher reads, in the order of their names. */
export function overviewServices({
  report,
  pools,
  groups = [],
}: ServiceFacts): readonly OverviewService[] {
  const files = new Map((report.watch?.templates ?? []).map((one) => [one.target, one]));
  const own = Map.groupBy(report.presence?.instances ?? [], ({ name }) => serviceOf(name));
  const quarantined = new Map(
    (report.watch?.quarantined ?? []).map((one) => [one.key, one] as const),
  );
  const names = new Set([
    ...(pools ? [...pools.byName.keys(), ...pools.quarantined.keys()] : []),
    ...own.keys(),
  ]);
  names.delete("/");
  return [...names].sort().map((name) => {
    const served = ServedPool.of(name, pools?.byName.get(name), groups, files);
    const watched = pools ? watchedInstances(name, { pools, served }, report, quarantined) : [];
    const isRead = pools?.byName.has(name) === true;
    return service(name, merged(watched, own.get(name) ?? [], { isRead, at: report.at }));
  });
}

function service(name: string, instances: readonly OverviewInstance[]): OverviewService {
  const counts: Partial<Record<InstanceState, number>> = {};
  for (const { state } of instances) counts[state] = (counts[state] ?? 0) + 1;
  const sorted = order.flatMap((state) => instances.filter((one) => one.state === state));
  return { name, counts, instances: sorted };
}

function serviceOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/"));
}

/** The services that a watcher reads, and what its proxies make of one of them; undefined if they have all of it. */
interface WatchedService {
  readonly pools: Pools;
  readonly served: ServedPool | undefined;
}

/** The entries of a service, as the watcher uses them. */
function watchedInstances(
  name: string,
  { pools, served }: WatchedService,
  report: StatusReport,
  quarantined: ReadonlyMap<string, QuarantinedStatus>,
): readonly OverviewInstance[] {
  const pool = pools.byName.get(name);
  const listed = pool ? poolInstances(pool, { pools, served }, report) : [];
  const known = listed.map((one) => {
    const why = one.key === undefined ? undefined : quarantined.get(one.key);
    return why && !why.isPartial ? { ...one, ...quarantine(why) } : one;
  });
  const keys = new Set(known.map(({ key }) => key));
  const others = (pools.quarantined.get(name) ?? []).filter(
    ({ key, isPartial }) => !isPartial && !keys.has(key),
  );
  const rejected = new Set((pools.quarantined.get(name) ?? []).map(({ key }) => key));
  const left = served?.left((key) => keys.has(key) || rejected.has(key)) ?? [];
  return [
    ...known,
    ...left.map(({ endpoint: { id, address, weight, key }, state, why }) => {
      return { name: `${name}/${id}`, address, weight, key, state, why };
    }),
    ...others.map((one) => {
      const id = one.key.slice(one.key.lastIndexOf("/") + 1);
      const since = quarantined.get(one.key)?.since;
      return {
        name: `${name}/${id}`,
        ...quarantine({ ...one, ...(since !== undefined && { since }) }),
        ...{ key: one.key, revision: one.revision },
      };
    }),
  ];
}

function quarantine({ why, since }: { readonly why: string; readonly since?: string }) {
  return { state: "quarantined" as const, why, ...(since !== undefined && { since }) };
}

function poolInstances(
  { name, instances, unserved = [] }: Pool,
  { pools: { snapshot }, served }: WatchedService,
  { at, watch }: StatusReport,
): readonly OverviewInstance[] {
  const loss = watch?.retained.find(({ service }) => service === name);
  const revisionOf = (key: string) => {
    const revision = snapshot.get(key)?.revision;
    return revision === undefined ? {} : { revision };
  };
  const fixed = ({ id, address, weight, key }: Endpoint) => ({
    ...{ name: `${name}/${id}`, address, weight, key },
    ...revisionOf(key),
  });
  const used = instances.map((one): OverviewInstance => {
    if (one.retained) {
      const end = loss?.until === undefined ? "" : ` for ${restOf(loss.until, at)} more`;
      const why = `its entry is gone; retained by the mass-loss guard${end}`;
      return { ...fixed(one), state: "retained", why, ...(loss && { since: loss.since }) };
    }
    if (served) return { ...fixed(one), ...served.stateOf(one) };
    const isDraining = one.weight === 0;
    const why = isDraining ? "its entry has weight 0" : "";
    return { ...fixed(one), state: isDraining ? "draining" : "serving", why };
  });
  const others = unserved.map((one): OverviewInstance => {
    const why = "another entry has its address, or the entries of another folder go first";
    return { ...fixed(one), state: "standby", why };
  });
  return [...used, ...others];
}

/** The entries of a service together with the instances that this process registers there. */
function merged(
  watched: readonly OverviewInstance[],
  own: readonly InstanceStatus[],
  where: { readonly isRead: boolean; readonly at: string },
): readonly OverviewInstance[] {
  if (own.length === 0) return watched;
  const byName = new Map(own.map((one) => [one.name, one]));
  const both = watched.map((one) => {
    const status = byName.get(one.name);
    byName.delete(one.name);
    return status ? withPresence(one, ownInstance(status, { ...where, isRead: false })) : one;
  });
  return [...both, ...[...byName.values()].map((one) => ownInstance(one, where))];
}

/** An entry may still be there although its instance is unhealthy, and then the reason is what its own check reports. */
function withPresence(watched: OverviewInstance, own: OverviewInstance): OverviewInstance {
  if (watched.state === "quarantined" || own.why === "") return watched;
  const { state, why, since } = own;
  // A proxy still sends it requests, although its entry is another one by now, or gone.
  if (watched.state === "serving" && watched.why !== "") {
    return { ...watched, why: `${why}; ${watched.why}` };
  }
  const isWorse = order.indexOf(state) < order.indexOf(watched.state);
  return { ...watched, ...(isWorse && { state }), why, ...(since !== undefined && { since }) };
}

/** An instance by what the process that registers it knows. */
function ownInstance(
  instance: InstanceStatus,
  { isRead, at }: { readonly isRead: boolean; readonly at: string },
): OverviewInstance {
  const { name, since } = instance;
  const dated = since === undefined ? {} : { since };
  return { name, ...ownState(instance, isRead, at), ...dated };
}

function ownState(
  instance: InstanceStatus,
  isRead: boolean,
  at: string,
): Pick<OverviewInstance, "state" | "why"> {
  const { verdict, why, registered, standbyFor, draining, drain, requestedWeight } = instance;
  const { destinations = [] } = instance;
  if (draining) {
    const words = drain ? describeDrain(drain, instance, at) : "draining";
    return { state: registered ? "draining" : "not registered", why: words };
  }
  if (verdict === "down") {
    return { state: "unhealthy", why: `${why || "its check fails"}${keptClause(destinations)}` };
  }
  if (standbyFor !== undefined) {
    return { state: "standby", why: `the agent with session ${standbyFor} owns its entry` };
  }
  if (verdict === "unknown" && !registered) return { state: "unknown", why: "not checked yet" };
  if (!registered) return { state: "not registered", why: missingClause(destinations) };
  if (requestedWeight?.weight === 0) return { state: "draining", why: "weight 0 on request" };
  return registeredState(instance, isRead);
}

function registeredState(
  { destinations = [], proxies }: InstanceStatus,
  isRead: boolean,
): Pick<OverviewInstance, "state" | "why"> {
  // A watcher that reads its service and does not list it has not seen its entry yet.
  const unserved = isRead ? "" : unservedClause(destinations);
  if (unserved) return { state: "unhealthy", why: unserved };
  if (proxies) return { state: "serving", why: proxies.why };
  if (isRead)
    return { state: "unknown", why: "registered; the watcher does not see its entry yet" };
  return { state: "serving", why: "" };
}

type Places = NonNullable<InstanceStatus["destinations"]>;

/** `; kept in elb/front as the last one`; empty where it is kept nowhere. */
function keptClause(places: Places): string {
  const kept = places.filter((one) => one.kept).map(({ name }) => name);
  return kept.length > 0 ? `; kept in ${kept.join(", ")} as the last one` : "";
}

/** Where an instance is missing: in destinations, or in the keyspace if it is in all of them. */
function missingClause(places: Places): string {
  const missing = places.filter(({ registered }) => !registered).map(({ name }) => name);
  const where = missing.length > 0 ? `in ${missing.join(", ")}` : "in the keyspace";
  return `it is not registered ${where} yet`;
}

/** Why no destination sends it requests; empty where one may, or there is none. */
function unservedClause(places: Places): string {
  if (places.length === 0 || places.some(({ state }) => state !== "failing")) return "";
  const words = places.map(({ name, why }) => [name, why].filter(Boolean).join(": "));
  return `gets no requests from ${words.join("; ")}`;
}
