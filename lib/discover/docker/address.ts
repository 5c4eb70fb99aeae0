import { excerpt } from "../../base/excerpt.ts";
import type { Container, Network, Port, Published } from "../../clients/docker/contract.ts";
import type { Address } from "../../model/endpoint.ts";
import { hostProblem } from "../../model/host.ts";
import { addressesOf, familiesOf, type HostAddresses } from "./host-addresses.ts";
import { portsOf } from "./metadata.ts";
import type { DockerSettings } from "./schema.ts";

type NoAddress = { readonly why: string };

/** The surroundings of a container that decide its address. */
export interface NetworkContext {
  /** The container that has its network, or the reason why that network leads nowhere; undefined if it has one of its own. */
  readonly owner: Container | string | undefined;
  /** The addresses at which this run of the container was found so far. */
  readonly inUse: ReadonlySet<string>;
}

/** The context of a container with a network of its own that was not found before. */
export const newNetwork: NetworkContext = { owner: undefined, inUse: new Set() };

/**
 * The ports that are reachable by the settings. In the network of another container all of its ports count, so that the ones
 * which lead nowhere are reported.
 */
export function reachable(
  container: Container,
  { address, loopback }: DockerSettings,
): readonly Port[] {
  if (address === "container") return portsOf(container);
  const isShared = container.networkOf !== undefined;
  const ports = container.hostNetwork || isShared ? portsOf(container) : container.ports;
  const open = ports.map((port) => ({
    ...port,
    published: port.published.filter(({ host }) => loopback || !isLoopback(host)),
  }));
  return isShared ? open : open.filter(({ published }) => published.length > 0);
}

/**
 * The advertised address of a port. Of several published addresses the first one counts that accepts connections to the
 * advertised address of the host, or is one itself. `host` has the advertised addresses of the host.
 */
export function addressOf(
  container: Container,
  port: Port,
  settings: DockerSettings,
  host: HostAddresses,
  { owner, inUse }: NetworkContext,
): Address | NoAddress {
  if (typeof owner === "string") return { why: owner };
  const labelled = labelledHost(container, settings);
  if (typeof labelled === "object") return labelled;
  if (settings.address === "container" && !container.hostNetwork) {
    const own = labelled ?? containerAddress(container, settings, inUse);
    return typeof own === "string" ? { host: own, port: port.port } : own;
  }
  if (port.published.length === 0) {
    return {
      why: owner
        ? `container ${owner.name}, which has its network, does not publish it`
        : "it is not published",
    };
  }
  const isFixed = labelled !== undefined || settings.address === "host";
  return publishedAddress(port.published, isFixed, labelled ? addressesOf(labelled) : host);
}

/** `isFixed`: the address is that of the host, also for a port that is published at another one. */
function publishedAddress(
  published: readonly Published[],
  isFixed: boolean,
  host: HostAddresses,
): Address | NoAddress {
  const usable = published.flatMap((place) => {
    const own = isFixed || isEverywhere(place.host) ? undefined : place.host;
    const advertised =
      own ??
      familiesOf(place.host)
        .map((family) => host[family])
        .find(Boolean);
    return advertised ? [{ place, address: { host: advertised, port: place.port } }] : [];
  });
  // An engine publishes a port at `0.0.0.0` and at `::`, which may have different ports.
  const chosen = usable.find(({ place }) => place.host !== "::") ?? usable[0];
  return chosen?.address ?? { why: noAddress(published, host) };
}

function noAddress(published: readonly Published[], host: HostAddresses): string {
  const advertised = host.ipv4 ?? host.ipv6;
  if (advertised === undefined) return "no reachable address of this host was found: set ip";
  const [family] = familiesOf(published[0]?.host ?? "");
  const name = family === "ipv6" ? "IPv6" : "IPv4";
  return `it is published at ${name} addresses only, and the advertised address is ${advertised}`;
}

function isEverywhere(host: string): boolean {
  return host === "" || host === "0.0.0.0" || host === "::";
}

function labelledHost(
  { labels }: Container,
  { useIpFromLabel: label = "" }: DockerSettings,
): string | NoAddress | undefined {
  const value = labels[label];
  if (!value) return undefined;
  // The address may have a prefix length: 10.0.0.3/24.
  const host = value.replace(/\/\d+$/, "");
  const problem = hostProblem(host);
  return problem ? { why: `${label} is ${excerpt(value)}: expected ${problem}` } : host;
}

/** Of several networks, the one of the address in use counts, else the one with which the container was created. */
function containerAddress(
  { networks, firstNetwork }: Container,
  { network }: DockerSettings,
  inUse: ReadonlySet<string>,
): string | NoAddress {
  const addressed = networks.filter(({ ipv4, ipv6 }) => ipv4 || ipv6);
  const names = addressed.map(({ name }) => name).join(", ");
  if (network !== undefined) {
    const chosen = addressed.find(({ name }) => name === network);
    return chosen
      ? addressIn(chosen)
      : { why: `it has no address in the network ${network}, only in ${names || "none"}` };
  }
  const [only, ...others] = addressed;
  if (!only) return { why: "it has no address in any network" };
  if (others.length === 0) return addressIn(only);
  const chosen =
    addressed.find((one) => inUse.has(addressIn(one))) ??
    addressed.find(({ name }) => name === firstNetwork);
  return chosen
    ? addressIn(chosen)
    : { why: `it is in the networks ${names}: set network to one of them` };
}

function addressIn({ ipv4, ipv6 }: Network): string {
  return ipv4 ?? ipv6 ?? "";
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}
