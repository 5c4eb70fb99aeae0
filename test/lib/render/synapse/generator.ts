import type { GeneratorSettings } from "../../../../lib/render/generators.ts";
import type { DiscoveredService } from "../../../../lib/render/synapse/discovered.ts";
import { head, service, settings } from "./settings.ts";

/** A service without default servers. */
export const plainService: DiscoveredService = {
  name: "web",
  rules: {
    ...{ defaultServers: [], labelFilters: [] },
    ...{ keepsDefaults: false, keepsPrevious: true, electsLeader: false },
  },
  ...{ hasOwnInstances: false, resolves: false, filters: {} },
};

/** The generator of a haproxy.cfg with the service web. */
export const haproxyOfWeb: GeneratorSettings = {
  kind: "synapse haproxy",
  settings: settings({
    keepsGoneMs: 60_000,
    services: [
      service({
        port: null,
        bindAddress: "/run/web",
        serverOptions: "check",
        lines: { pool: ["mode tcp"] },
      }),
    ],
  }),
  services: [plainService],
};

/** Its file with these lines of servers. */
export function fileOfWeb(...servers: readonly string[]): string {
  const lines = servers.map((one) => `\tserver ${one}\n`).join("");
  const frontend = "\nfrontend web\n\tbind /run/web\n\tdefault_backend web\n";
  return `${head}${frontend}\nbackend web\n\tmode tcp\n${lines}`;
}

/** The line of a server without a name. */
export function serverLine(address: string, id: number, end = ""): string {
  return `${address} ${address} id ${id} check${end}`;
}
