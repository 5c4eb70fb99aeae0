import { folderOf } from "../../model/entry.ts";
import { serviceLabel } from "./slice.ts";

/** The name of a service in Kubernetes: a DNS label. */
const serviceName = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The label selector for the services that prefixes name: `/web`, `/web:http` and `/web/10.0.0.1:80` are the service `web`.
 * Undefined if they name none.
 */
export function selectorOf(prefixes: readonly string[]): string | undefined {
  const folders = prefixes.map(folderOf);
  if (folders.includes("")) return serviceLabel;
  const names = folders.flatMap((folder) => folder.split("/")[1]?.split(":")[0] ?? []);
  const services = [...new Set(names)].filter((name) => serviceName.test(name)).sort();
  return services.length > 0 ? `${serviceLabel} in (${services.join(",")})` : undefined;
}
