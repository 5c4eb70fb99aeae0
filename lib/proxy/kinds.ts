import { z } from "zod";
import * as command from "./command.ts";
import type { Proxy, ProxyDeps } from "./contract.ts";
import * as haproxy from "./haproxy/haproxy.ts";
import * as nginx from "./nginx/nginx.ts";

/** Every kind of proxy there is. To add one, write its file and name it here and in `proxySchema`. */
export const kinds = {
  haproxy: { schema: haproxy.schema, create: haproxy.createHaproxy },
  nginx: { schema: nginx.schema, create: nginx.createNginx },
  command: { schema: command.schema, create: command.createCommandProxy },
};

export const proxySchema = z.discriminatedUnion("type", [
  kinds.haproxy.schema,
  kinds.nginx.schema,
  kinds.command.schema,
]);

export type ProxyConfig = z.infer<typeof proxySchema>;

export function createProxy(config: ProxyConfig, deps: ProxyDeps): Proxy {
  // Each kind takes what its own schema yields; the type that told them apart is the key of the table.
  return kinds[config.type].create(config as never, deps);
}
