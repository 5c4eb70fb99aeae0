import type { Container } from "../../clients/docker/contract.ts";
import { containerStanding } from "../../clients/docker/standing.ts";
import { formatAddress } from "../../model/endpoint.ts";
import type { Instance } from "../../model/instance.ts";
import { isQuotable, quotable } from "../../model/names.ts";
import type {
  Discovered,
  FoundInstance,
  QuarantinedItem,
  ReadCheck,
  Standing,
} from "../contract.ts";
import { addressOf, type NetworkContext, newNetwork, reachable } from "./address.ts";
import { checksOf } from "./checks.ts";
import { claimProblem } from "./claims.ts";
import { addressesOf, type HostAddresses } from "./host-addresses.ts";
import { isNo, Labels } from "./labels.ts";
import { maxChecksPerContainer } from "./limits.ts";
import { isReserved, metadataOf } from "./metadata.ts";
import { type ContainerPort, idOf, serviceOf } from "./naming.ts";
import type { DockerSettings } from "./schema.ts";
import { withNetworkOf } from "./shared-network.ts";

/** The host of the containers. */
export interface HostContext<Check> {
  /** The name of the host: the first part of every id. */
  readonly hostName: string;
  /** The advertised addresses of the host, unless the settings have one. */
  readonly hostAddresses: HostAddresses;
  readonly readCheck: ReadCheck<Check>;
}

/**
 * The instances of a container, port by port: one for each reachable port, named and described by its labels and environment
 * like in registrator. A port with an invalid label is quarantined; the other ports are not affected. A label that is only
 * dropped or adjusted is quarantined itself, once for all ports.
 */
export function* instancesOf<Check>(
  container: Container,
  settings: DockerSettings,
  host: HostContext<Check>,
  network: NetworkContext = newNetwork,
): Generator<Discovered<Check>, void> {
  const standing = containerStanding(container);
  if (!standing) return;
  const { owner } = network;
  const placed = typeof owner === "object" ? withNetworkOf(container, owner) : container;
  const ports = reachable(placed, settings);
  const isFirst = withoutRepetition();
  let checks = 0;
  for (const port of ports) {
    const target: ContainerPort = {
      ...{ container: placed, port, settings, network },
      isOneOfSeveral: ports.length > 1,
    };
    const labels = new Labels(metadataOf(container, port));
    const instance = instanceAt(target, labels, host, standing);
    const what = `container ${container.name}, port ${port.port}/${port.protocol}`;
    const why = [...new Set(labels.problems)].join("; ");
    const quarantined: QuarantinedItem[] = why ? [{ what, why }] : [];
    for (const omitted of labels.omitted) {
      quarantined.push({
        what: `label ${omitted.label} of container ${container.name}`,
        why: omitted.why,
      });
    }
    checks += instance?.checks.length ?? 0;
    // Without its checks it would count as healthy.
    const isExcess = instance !== undefined && checks > maxChecksPerContainer;
    if (isExcess) quarantined.push({ what, why: tooManyChecks });
    yield {
      found: instance && !isExcess ? [instance] : [],
      quarantined: quarantined.filter(isFirst),
    };
  }
}

/** A filter that lets each item pass once: a label may be for all ports. */
function withoutRepetition(): (item: QuarantinedItem) => boolean {
  const known = new Set<string>();
  return ({ what, why }) => known.size < known.add(`${what}: ${why}`).size;
}

const tooManyChecks = `the labels of its container ask for more than ${maxChecksPerContainer} checks`;

/** The instance of a port; undefined if it is ignored, or if its labels have problems. */
function instanceAt<Check>(
  target: ContainerPort,
  labels: Labels,
  host: HostContext<Check>,
  standing: Standing,
): FoundInstance<Check> | undefined {
  const { container, port, settings, network } = target;
  const isNamed = labels.get("name") !== undefined;
  if (isIgnored(labels) || (settings.explicit && !isNamed)) return undefined;
  const address = addressOf(container, port, settings, advertised(settings, host), network);
  if ("why" in address) labels.problems.push(address.why);
  const service = serviceOf(target, labels);
  const claim = claimProblem(service, container, settings.names);
  if (claim !== undefined) labels.problems.push(claim);
  const ownId = idOf(target, labels, host.hostName);
  const weight = weightOf(labels);
  const custom = labelsOf(target, labels);
  const { protocol } = port;
  const { commands } = settings;
  const checks = checksOf(labels, { protocol, commands }, host.readCheck);
  if (labels.problems.length > 0 || "why" in address) return undefined;
  const isRegistrators = settings.ids === "address";
  const instance: Instance = {
    service,
    id: isRegistrators ? formatAddress(address) : ownId,
    ...address,
    name: container.name,
    ...(weight === undefined ? {} : { weight }),
    ...(Object.keys(custom).length === 0 ? {} : { labels: custom }),
    ...(isRegistrators && { origin: { hostName: container.hostName ?? "", port: port.port } }),
  };
  return { instance, checks, standing, run: `${container.id}@${container.startedMs}` };
}

function advertised(
  { ip }: DockerSettings,
  { hostAddresses }: Pick<HostContext<unknown>, "hostAddresses">,
): HostAddresses {
  return ip === undefined ? hostAddresses : addressesOf(ip);
}

/** Registrator ignores a port for any value. Here `false` and the like do not ignore it. */
function isIgnored(labels: Labels): boolean {
  const value = labels.get("ignore")?.value;
  return value !== undefined && !isNo.test(value);
}

function weightOf(labels: Labels): number | undefined {
  const isWeight = (text: string) => /^\d{1,3}$/.test(text) && Number(text) <= 256;
  const text = labels.text("weight", isWeight, "0 to 256");
  return text === undefined ? undefined : Number(text);
}

/** The labels of the instance: custom labels of the port, and its tags. */
function labelsOf({ port, settings }: ContainerPort, labels: Labels): Record<string, string> {
  const own = labels.text("tags", isQuotable, quotable) ?? "";
  const udp = port.protocol === "udp" ? ["udp"] : [];
  const tags = [...own.split(",").filter(Boolean), ...settings.tags, ...udp];
  return { ...labels.custom(isReserved), ...(tags.length === 0 ? {} : { tags: tags.join(",") }) };
}
