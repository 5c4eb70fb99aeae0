import type { Generator } from "../contract.ts";
import type { ServersByService } from "./haproxy-config.ts";
import type { SynapseServer } from "./settings.ts";

/** The generator of the file of a service. It has no state. */
export function fileGenerator(service: string): Generator<ServersByService, undefined> {
  return {
    name: "synapse file",
    recall: () => undefined,
    generate: (servers) => ({ text: fileOutput(servers.get(service) ?? []), omitted: [] }),
  };
}

/** The text of `<service>.json`: the servers of a service as Synapse writes them, with the keys in Nerve's order. */
export function fileOutput(servers: readonly SynapseServer[]): string {
  return JSON.stringify(
    servers.map(({ host, port, name, weight, options, labels, haproxyId, number }) => ({
      host,
      port,
      name,
      weight,
      haproxy_server_options: options,
      labels,
      haproxy_server_id: haproxyId,
      id: number,
    })),
  );
}
