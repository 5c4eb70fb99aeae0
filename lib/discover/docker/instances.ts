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
import { metadataOf } from "./metadata.ts";
import type { DockerSettings } from "./schema.ts";

/** Where the containers are. */
export interface Here<Check> {
  /** What the machine is called: the first part of every id. */
  readonly hostName: string;
  /** Where others reach the machine, where the settings do not say it; undefined where nobody knows. */
  readonly hostAddress: string | undefined;
  readonly readCheck: ReadCheck<Check>;
}

/**
 * The instances of one container: one for each port that others can reach, named and described by its labels and
 * its environment as registrator has it. A port of which something said makes no sense is left out alone.
 */
export function instancesOf<Check>(
  container: Container,
  settings: DockerSettings,
  here: Here<Check>,
): Discovered<Check> {
  const found: FoundInstance<Check>[] = [];
  const quarantined: QuarantinedItem[] = [];
  const standing = containerStanding(container);
  if (!standing) return { found, quarantined };
  const ports = reachable(container, settings);
  for (const port of ports) {
    const one: One = { container, port, settings, isOneOfSeveral: ports.length > 1 };
    const labels = new Labels(metadataOf(container, port));
    const announced = foundAt(one, labels, here, standing);
    const what = `container ${container.name}, port ${port.port}/${port.protocol}`;
    const why = [...new Set([...labels.problems, ...labels.omitted])].join("; ");
    if (why) quarantined.push({ what, why });
    if (announced) found.push(announced);
  }
  return { found, quarantined };
}

/** One port of one container. */
interface One {
  readonly container: Container;
  readonly port: Port;
  readonly settings: DockerSettings;
  readonly isOneOfSeveral: boolean;
}

/** Undefined where the port is not to be announced, and where a problem of its labels says that it cannot be. */
function foundAt<Check>(
  one: One,
  labels: Labels,
  here: Here<Check>,
  standing: Standing,
): FoundInstance<Check> | undefined {
  const { container, port, settings } = one;
  const isNamed = labels.written("name") !== undefined;
  if (isIgnored(labels) || (settings.explicit && !isNamed)) return undefined;
  const address = addressOf(container, port, settings, settings.ip ?? here.hostAddress);
  if ("why" in address) labels.problems.push(address.why);
  const service = serviceOf(one, labels);
  const id = idOf(one, labels, here.hostName);
  const weight = weightOf(labels);
  const described = descriptionOf(one, labels);
  const { protocol } = port;
  const { commands } = settings;
  const checks = checksOf(labels, { protocol, commands }, here.readCheck);
  if (labels.problems.length > 0 || "why" in address) return undefined;
  const instance: Instance = {
    service,
    id,
    ...address,
    name: container.name,
    ...(weight === undefined ? {} : { weight }),
    ...(Object.keys(described).length === 0 ? {} : { labels: described }),
  };
  return { instance, checks, standing };
}

/** To registrator any text says yes; that one which says no should, nobody can mean. */
function isIgnored(labels: Labels): boolean {
  const value = labels.written("ignore")?.value;
  return value !== undefined && !isNo.test(value);
}

/** A name for all ports is one name for each: the port makes the difference. */
function serviceOf({ container, port, isOneOfSeveral }: One, labels: Labels): string {
  const given = labels.text("name", isName, "at most 200 letters, digits and _ . : -");
  const name = given ?? baseOf(container.image);
  if (given === undefined && !labels.written("name") && !isName(name)) {
    labels.problems.push("its image has no name: expected a label such as sidekick.name");
  }
  const isOfPort = given !== undefined && labels.written("name")?.ofPort;
  return isOneOfSeveral && !isOfPort ? `${name}-${port.port}` : name;
}

/** `web` for `registry:5000/team/web:1.2@sha256:…` */
function baseOf(image: string): string {
  const name = image.slice(image.lastIndexOf("/") + 1);
  return name.replace(/[:@].*$/s, "");
}

function isName(text: string): boolean {
  return isServiceName(text) && text.length <= 200;
}

/** It stays the same when the container is started again, or made again by the same name. */
function idOf({ container, port }: One, labels: Labels, hostName: string): string {
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

/** What templates choose by: whatever else was said of the port, and its tags. */
function descriptionOf({ port, settings }: One, labels: Labels): Record<string, string> {
  const isMeant = (key: string) => meant.has(key) || key.startsWith("check_");
  const own = labels.text("tags", isQuotable, quotable) ?? "";
  const udp = port.protocol === "udp" ? ["udp"] : [];
  const tags = [...own.split(",").filter(Boolean), ...settings.tags, ...udp];
  return { ...labels.free(isMeant), ...(tags.length === 0 ? {} : { tags: tags.join(",") }) };
}

const meant = new Set(["name", "id", "tags", "ignore", "weight"]);
