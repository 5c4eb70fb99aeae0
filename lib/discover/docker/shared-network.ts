import type { Container, Containers } from "../../clients/docker/contract.ts";
import { portsOf } from "./metadata.ts";

/** More containers than this do not use each other's network. */
const maxDepth = 8;

/**
 * The container that has the network which a container uses (`--network container:…`), or the reason why that network leads
 * nowhere. Undefined for a container with a network of its own, or that of the host.
 */
export function networkOwner(
  container: Container,
  containers: Containers,
): Container | string | undefined {
  let owner = container;
  for (let depth = 0; owner.networkOf !== undefined; depth += 1) {
    const user = owner;
    const found = containers.get(owner.networkOf) ?? byName(owner.networkOf, containers);
    if (!found || found.state === "restarting" || depth === maxDepth) {
      return "it uses the network of another container, which is not running";
    }
    // Its network ended with the run of that container.
    if (found.startedMs > user.startedMs) {
      return `it uses the network of container ${found.name}, which was restarted after it: restart it, too`;
    }
    owner = found;
  }
  return owner === container ? undefined : owner;
}

function byName(name: string, containers: Containers): Container | undefined {
  for (const container of containers.values()) if (container.name === name) return container;
  return undefined;
}

/** A container with the networks and the published ports of the container that has its network. */
export function withNetworkOf(container: Container, owner: Container): Container {
  const ports = portsOf(container).map((port) => {
    const same = ({ port: number, protocol }: typeof port) =>
      number === port.port && protocol === port.protocol;
    const published = owner.hostNetwork
      ? [{ host: "", port: port.port }]
      : (owner.ports.find(same)?.published ?? []);
    return { ...port, published };
  });
  const { networks, firstNetwork, hostNetwork } = owner;
  return { ...container, networks, firstNetwork, hostNetwork, ports };
}
