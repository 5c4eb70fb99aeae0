import { excerpt } from "../../base/excerpt.ts";
import type { Container, Network, Port } from "../../clients/docker/contract.ts";
import { type Address, isHost } from "../../model/endpoint.ts";
import { portsOf } from "./metadata.ts";
import type { DockerSettings } from "./schema.ts";

type Refused = { readonly why: string };

/** The ports that others can reach. */
export function reachable(
  container: Container,
  { address, loopback }: DockerSettings,
): readonly Port[] {
  if (address === "container") return portsOf(container);
  const ports = container.hostNetwork ? portsOf(container) : container.ports;
  const open = ports.map((port) => ({
    ...port,
    published: port.published.filter(({ host }) => loopback || !isLoopback(host)),
  }));
  return open.filter(({ published }) => published.length > 0);
}

/** Where others reach one of these ports. Of several places the first one counts. */
export function addressOf(
  container: Container,
  port: Port,
  settings: DockerSettings,
  hostAddress: string | undefined,
): Address | Refused {
  const own = settings.address === "container" && !container.hostNetwork;
  const [place] = own ? [{ host: "", port: port.port }] : port.published;
  if (!place) return { why: "it is not published" };
  const labelled = labelledHost(container, settings);
  const host =
    labelled ??
    (own
      ? ownAddress(container, settings)
      : atHost(settings.address === "host" ? "" : place.host, hostAddress));
  return typeof host === "string" ? { host, port: place.port } : host;
}

function labelledHost(
  { labels }: Container,
  { useIpFromLabel: label = "" }: DockerSettings,
): string | Refused | undefined {
  const value = labels[label];
  if (!value) return undefined;
  // An address of a network may come with the length of its prefix: 10.0.0.3/24.
  const host = value.replace(/\/\d+$/, "");
  return isHost(host)
    ? host
    : { why: `${label} is ${excerpt(value)}: expected a host name or an IP address` };
}

function atHost(host: string, hostAddress: string | undefined): string | Refused {
  const why = "this machine has no address that others could reach: set ip";
  return host || (hostAddress ?? { why });
}

function ownAddress({ networks }: Container, { network }: DockerSettings): string | Refused {
  const addressed = networks.filter(({ ipv4, ipv6 }) => ipv4 || ipv6);
  const names = addressed.map(({ name }) => name).join(", ");
  const [first, ...others] = addressed;
  if (network !== undefined) {
    const chosen = addressed.find(({ name }) => name === network);
    return chosen
      ? inNetwork(chosen)
      : { why: `it has no address in the network ${network}, only in ${names || "none"}` };
  }
  if (!first) return { why: "it has no address of its own: expected one in a network" };
  const several = `it is in the networks ${names}: set network to the one that counts`;
  return others.length > 0 ? { why: several } : inNetwork(first);
}

function inNetwork({ ipv4, ipv6 }: Network): string {
  return ipv4 ?? ipv6 ?? "";
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}
