import { z } from "zod";
import * as command from "./command.ts";
import type { Proxy, ProxyDeps } from "./contract.ts";
import * as haproxy from "./haproxy/haproxy.ts";
import * as nginx from "./nginx/nginx.ts";

/** Every kind of proxy. To add one, write its file and list it here and in `proxySchema`. */
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
  // TypeScript does not see that the configuration's type and the table's entry belong together.
  return kinds[config.type].create(config as never, deps);
}
