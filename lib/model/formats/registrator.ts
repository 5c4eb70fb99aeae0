import { type Json, objectOf } from "./json.ts";
import type { RawEndpoint } from "./raw-endpoint.ts";

/**
 * Reads what registrator writes in ZooKeeper. The attributes of a container become labels, and its tags the
 * label `tags`, with commas between them as in SERVICE_TAGS: registrator has no attribute of that name.
 */
export function readRegistrator(json: Json): RawEndpoint {
  const { IP, PublicPort, Name, ContainerID, Tags, Attrs } = json;
  const tags = Array.isArray(Tags) ? Tags.join(",") : Tags;
  const attributes = objectOf(Attrs ?? {});
  return {
    host: IP,
    port: PublicPort,
    // In spite of its name it is the host name of the container; the other one is that of the service.
    name: ContainerID || Name,
    labels: attributes ? { ...attributes, tags: tags || undefined } : Attrs,
  };
}
