import { excerpt } from "../../base/excerpt.ts";
import type { Container, Port } from "../../clients/docker/contract.ts";
import { containerStanding } from "../../clients/docker/standing.ts";
import type { Instance } from "../../model/instance.ts";
import { isInstanceId, isQuotable, isServiceName, quotable } from "../../model/names.ts";
import type {
  Discovered,
  FoundInstance,
  QuarantinedItem,
  ReadCheck,
  Standing,
} from "../contract.ts";
import { addressOf, reachable } from "./address.ts";
import { checksOf } from "./checks.ts";
import { isNo, Labels } from "./labels.ts";
import { maxChecksPerContainer } from "./limits.ts";
import { isReserved, metadataOf } from "./metadata.ts";
import type { DockerSettings } from "./schema.ts";

/** The host of the containers. */
export interface HostContext<Check> {
  /** The name of the host: the first part of every id. */
  readonly hostName: string;
  /** The advertised address of the host if the settings have none; undefined if it is unknown. */
  readonly hostAddress: string | undefined;
  readonly readCheck: ReadCheck<Check>;
}

/**
 * The instances of a container, port by port: one for each reachable port, named and described by its labels and environment
 * like in registrator. A port with an invalid label is quarantined; the other ports are not affected.
 */
export function* instancesOf<Check>(
  container: Container,
  settings: DockerSettings,
  host: HostContext<Check>,
): Generator<Discovered<Check>, void> {
  const standing = containerStanding(container);
  if (!standing) return;
  const ports = reachable(container, settings);
  let checks = 0;
  for (const port of ports) {
    const target: ContainerPort = { container, port, settings, isOneOfSeveral: ports.length > 1 };
    const labels = new Labels(metadataOf(container, port));
    const instance = instanceAt(target, labels, host, standing);
    const what = `container ${container.name}, port ${port.port}/${port.protocol}`;
    const why = [...new Set([...labels.problems, ...labels.omitted])].join("; ");
    const quarantined: QuarantinedItem[] = why ? [{ what, why }] : [];
    checks += instance?.checks.length ?? 0;
    // Without its checks it would count as healthy.
    const isExcess = instance !== undefined && checks > maxChecksPerContainer;
    if (isExcess) quarantined.push({ what, why: tooManyChecks });
    yield { found: instance && !isExcess ? [instance] : [], quarantined };
  }
}

const tooManyChecks = `the labels of its container ask for more than ${maxChecksPerContainer} checks`;

/** A port of a container. */
interface ContainerPort {
  readonly container: Container;
  readonly port: Port;
  readonly settings: DockerSettings;
  readonly isOneOfSeveral: boolean;
}

/** The instance of a port; undefined if it is ignored, or if its labels have problems. */
function instanceAt<Check>(
  target: ContainerPort,
  labels: Labels,
  host: HostContext<Check>,
  standing: Standing,
): FoundInstance<Check> | undefined {
  const { container, port, settings } = target;
  const isNamed = labels.get("name") !== undefined;
  if (isIgnored(labels) || (settings.explicit && !isNamed)) return undefined;
  const address = addressOf(container, port, settings, settings.ip ?? host.hostAddress);
  if ("why" in address) labels.problems.push(address.why);
  const service = serviceOf(target, labels);
  const id = idOf(target, labels, host.hostName);
  const weight = weightOf(labels);
  const custom = labelsOf(target, labels);
  const { protocol } = port;
  const { commands } = settings;
  const checks = checksOf(labels, { protocol, commands }, host.readCheck);
  if (labels.problems.length > 0 || "why" in address) return undefined;
  const instance: Instance = {
    service,
    id,
    ...address,
    name: container.name,
    ...(weight === undefined ? {} : { weight }),
    ...(Object.keys(custom).length === 0 ? {} : { labels: custom }),
  };
  return { instance, checks, standing };
}

/** Registrator ignores a port for any value. Here `false` and the like do not ignore it. */
function isIgnored(labels: Labels): boolean {
  const value = labels.get("ignore")?.value;
  return value !== undefined && !isNo.test(value);
}

/** With several ports, a name that is not set for this port gets the port as suffix. */
function serviceOf({ container, port, isOneOfSeveral }: ContainerPort, labels: Labels): string {
  const given = labels.text("name", isName, "at most 200 letters, digits and _ . : -");
  const name = given ?? imageBaseName(container.image);
  if (given === undefined && !labels.get("name") && !isName(name)) {
    labels.problems.push("its image has no name: expected a label such as sidekick.name");
  }
  const isOfPort = given !== undefined && labels.get("name")?.ofPort;
  return isOneOfSeveral && !isOfPort ? `${name}-${port.port}` : name;
}

/** `web` for `registry:5000/team/web:1.2@sha256:…` */
function imageBaseName(image: string): string {
  const name = image.slice(image.lastIndexOf("/") + 1);
  return name.replace(/[:@].*$/s, "");
}

function isName(text: string): boolean {
  return isServiceName(text) && text.length <= 200;
}

/** Stays the same if the container is restarted, or recreated with the same name. */
function idOf({ container, port }: ContainerPort, labels: Labels, hostName: string): string {
  const expected = "no space, slash, quote or control character, nor \\ ; { } # $ %";
  const given = labels.text("id", isId, expected);
  if (given !== undefined) return given;
  const id = `${hostName}:${container.name}:${port.port}${port.protocol === "udp" ? ":udp" : ""}`;
  if (!isId(id)) labels.problems.push(`its id would be ${excerpt(id)}: expected ${expected}`);
  return id;
}

function isId(text: string): boolean {
  return isInstanceId(text) && text.length <= 200;
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
