import { isIP } from "node:net";
import { Networks } from "../../base/networks.ts";
import { withoutFinalDot } from "../../model/host.ts";

/** An address at which no instance of another host can be. */
export type OddKind = "metadata service" | "loopback" | "link-local";

/** The first kind that fits. The unspecified address is the own host for connections. */
const kinds: readonly (readonly [OddKind, Networks])[] = [
  ["metadata service", new Networks(["169.254.169.254", "fd00:ec2::254", "100.100.100.200"])],
  ["loopback", new Networks(["127.0.0.0/8", "::1", "0.0.0.0/8", "::"])],
  ["link-local", new Networks(["169.254.0.0/16", "fe80::/10"])],
];

const names: readonly (readonly [OddKind, RegExp])[] = [
  ["metadata service", /^(metadata|instance-data)(\.google\.internal|\.ec2\.internal)?$/],
  ["loopback", /(^|\.)localhost(\.localdomain)?$/],
];

/** Every odd IPv4 address begins so; of IPv6 addresses, few are in use, and each is looked up. */
const beginning = /^(127|0|169\.254|100\.100)\.|:/;

/** The kind of an odd host, by its address or its well-known name; undefined for any other. */
export function oddKind(host: string): OddKind | undefined {
  if (isIP(host) !== 0) {
    if (!beginning.test(host)) return undefined;
    return kinds.find(([, networks]) => networks.has(host))?.[0];
  }
  const name = withoutFinalDot(host);
  return names.find(([, pattern]) => pattern.test(name))?.[0];
}
