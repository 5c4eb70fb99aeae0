import { excerpt } from "../../base/excerpt.ts";
import type { Container, Port } from "../../clients/docker/contract.ts";
import { isInstanceId, isServiceName } from "../../model/names.ts";
import type { NetworkContext } from "./address.ts";
import type { Labels } from "./labels.ts";
import type { DockerSettings } from "./schema.ts";

/** A port of a container. */
export interface ContainerPort {
  readonly container: Container;
  readonly port: Port;
  readonly settings: DockerSettings;
  readonly network: NetworkContext;
  readonly isOneOfSeveral: boolean;
}

/** With several ports, a name that is not set for this port gets the port as suffix. */
export function serviceOf(
  { container, port, isOneOfSeveral }: ContainerPort,
  labels: Labels,
): string {
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
export function idOf({ container, port }: ContainerPort, labels: Labels, hostName: string): string {
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
