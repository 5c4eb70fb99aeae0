import { type Json, objectOf } from "./json.ts";
import type { RawEndpoint } from "./raw-endpoint.ts";

/**
 * Reads the JSON that registrator writes in ZooKeeper. Attributes become labels, and tags become the label `tags`,
 * comma-separated as in SERVICE_TAGS: registrator has no attribute of that name.
 */
export function readRegistrator(json: Json): RawEndpoint {
  const { IP, PublicPort, Name, ContainerID, Tags, Attrs } = json;
  const tags = Array.isArray(Tags) ? Tags.join(",") : Tags;
  const attributes = objectOf(Attrs ?? {});
  return {
    host: IP,
    port: PublicPort,
    // Despite its name, ContainerID is the host name of the container. Name is that of the service.
    name: ContainerID || Name,
    labels: attributes ? { ...attributes, tags: tags || undefined } : Attrs,
  };
}
