import { excerpt } from "../../base/excerpt.ts";
import type { Container, Network, Port } from "../../clients/docker/contract.ts";
import type { Address } from "../../model/endpoint.ts";
import { hostProblem } from "../../model/host.ts";
import { portsOf } from "./metadata.ts";
import type { DockerSettings } from "./schema.ts";

type NoAddress = { readonly why: string };

/** The ports that are reachable by the settings. */
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

/** The advertised address of a port. Of several published addresses the first one counts. */
export function addressOf(
  container: Container,
  port: Port,
  settings: DockerSettings,
  hostAddress: string | undefined,
): Address | NoAddress {
  const isContainers = settings.address === "container" && !container.hostNetwork;
  const [place] = isContainers ? [{ host: "", port: port.port }] : port.published;
  if (!place) return { why: "it is not published" };
  const labelled = labelledHost(container, settings);
  const host =
    labelled ??
    (isContainers
      ? containerAddress(container, settings)
      : orHostAddress(settings.address === "host" ? "" : place.host, hostAddress));
  return typeof host === "string" ? { host, port: place.port } : host;
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

function orHostAddress(host: string, hostAddress: string | undefined): string | NoAddress {
  const why = "no reachable address of this host was found: set ip";
  return host || (hostAddress ?? { why });
}

function containerAddress(
  { networks }: Container,
  { network }: DockerSettings,
): string | NoAddress {
  const addressed = networks.filter(({ ipv4, ipv6 }) => ipv4 || ipv6);
  const names = addressed.map(({ name }) => name).join(", ");
  const [first, ...others] = addressed;
  if (network !== undefined) {
    const chosen = addressed.find(({ name }) => name === network);
    return chosen
      ? addressIn(chosen)
      : { why: `it has no address in the network ${network}, only in ${names || "none"}` };
  }
  if (!first) return { why: "it has no address in any network" };
  const several = `it is in the networks ${names}: set network to one of them`;
  return others.length > 0 ? { why: several } : addressIn(first);
}

function addressIn({ ipv4, ipv6 }: Network): string {
  return ipv4 ?? ipv6 ?? "";
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}
