import type { Instance } from "../instance.ts";

/** The characters that Go escapes in JSON, so that it can stand in HTML and in JavaScript. */
const escaped = /[<>&\u2028\u2029]/g;

/** The JSON that registrator writes in ZooKeeper: its fields in its order, without spaces; attributes by name. */
export function encodeRegistrator({ service, host, port, labels = {}, origin }: Instance): string {
  const { tags = "", ...attributes } = labels;
  const names = Object.keys(attributes).sort();
  const value = {
    Name: service,
    IP: host,
    PublicPort: port,
    PrivatePort: origin?.port ?? port,
    ContainerID: origin?.hostName ?? "",
    Tags: tags.split(",").filter(Boolean),
    Attrs: Object.fromEntries(names.map((name) => [name, attributes[name]])),
  };
  return JSON.stringify(value).replace(escaped, unicode);
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
