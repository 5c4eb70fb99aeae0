import { canonicalAddress } from "../model/endpoint.ts";
import { folderAbove } from "../model/entry.ts";
import type { Endpoint, Quarantined } from "../model/pool.ts";
import type { Guarded, Pools } from "./contract.ts";

/** What becomes of an entry, or of an instance of the configuration, in one service. Times are those of `Guarded`. */
export type Decision =
  /** Templates get it; with the weight 0 it is draining. */
  | { readonly kind: "listed"; readonly endpoint: Endpoint }
  /** Its entry is gone, and the mass-loss guard keeps it. */
  | {
      readonly kind: "retained";
      readonly endpoint: Endpoint;
      readonly sinceMs: number;
      readonly untilMs: number;
    }
  /** Another entry has its address, and is served in its place. */
  | { readonly kind: "repeated"; readonly served: Endpoint }
  /** An earlier folder of its source has instances, which are used instead. */
  | { readonly kind: "other folder"; readonly served: Endpoint | undefined }
  /** The service has more instances than a limit allows, or there are more services. */
  | { readonly kind: "beyond limit"; readonly why: string }
  /** Its entry cannot be read, or is invalid. */
  | { readonly kind: "quarantined"; readonly why: string }
  /** There is an entry, in a deeper folder than those of instances. */
  | { readonly kind: "no instance" }
  | { readonly kind: "absent" };

/** What the view makes of the instance of a service with this key. */
export function decide(key: string, service: string, guarded: Guarded): Decision {
  const { observed, effective, losses } = guarded;
  const isIt = (one: { readonly key: string }) => one.key === key;
  const retained = losses.get(service)?.retained.find(({ endpoint }) => isIt(endpoint));
  if (retained) return { kind: "retained", ...retained };
  const unreadable = observed.snapshot.unreadable.find(isIt);
  if (unreadable) return { kind: "quarantined", why: unreadable.why };
  const endpoint = effective.byName.get(service)?.instances.find(isIt);
  if (endpoint) return { kind: "listed", endpoint };
  const known = observed.quarantined.get(service) ?? [];
  const pool = observed.byName.get(service);
  const unserved = pool?.unserved?.find(isIt);
  if (unserved) return unservedAs(unserved, service, known, observed);
  if (observed.beyond.get(service)?.instances.some(isIt))
    return { kind: "beyond limit", why: observed.quarantined.get("/")?.[0]?.why ?? "" };
  const quarantined = known.find(isIt);
  if (quarantined) return { kind: "quarantined", why: quarantined.why };
  return { kind: observed.snapshot.get(key) ? "no instance" : "absent" };
}

/** Why an instance that could be served is not. */
function unservedAs(
  one: Endpoint,
  service: string,
  quarantined: readonly Quarantined[],
  { byName, sources }: Pools,
): Decision {
  const instances = byName.get(service)?.instances ?? [];
  if (quarantined.some(({ key }) => key === one.key)) {
    const address = canonicalAddress(one);
    const served = instances.find((other) => canonicalAddress(other) === address);
    if (served) return { kind: "repeated", served };
  }
  const isFirst = sources.named.get(service)?.mode === "first";
  const limit = quarantined.find(({ count }) => count !== undefined);
  const isInUse = instances.some(({ key }) => folderAbove(key) === folderAbove(one.key));
  if (limit && (!isFirst || isInUse)) return { kind: "beyond limit", why: limit.why };
  return { kind: "other folder", served: instances[0] };
}
