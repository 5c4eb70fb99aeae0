import { SharingMap } from "../base/sharing-map.ts";

/** The state of a host name: its IP addresses, sorted and never none, or a clause with the reason why it has none. */
export type Resolved = { readonly addresses: readonly string[] } | { readonly why: string };

/** The host names that were looked up. A name without a first result is absent. */
export type Resolution = SharingMap<Resolved>;

export const emptyResolution: Resolution = SharingMap.of<Resolved>([]);
