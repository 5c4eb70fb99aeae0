import { readFile } from "node:fs/promises";
import { ConsulClient } from "../../clients/consul/client.ts";
import type { DestinationDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import type { ConsulConfig } from "./schema.ts";

/** A client of the agent. Files are read anew: the token for each request, certificates for each connection. */
export function connect(
  name: string,
  config: ConsulConfig,
  { clock, random, env }: DestinationDeps,
): ConsulClient {
  const { host, protocol } = new URL(config.url);
  const tls = protocol === "https:";
  // URL leaves the standard port of its scheme out.
  const endpoint = /:\d+$/.test(host) ? host : `${host}:${tls ? 443 : 80}`;
  const read = (path: string | undefined) => readAccess(name, path);
  const credentials = async () => {
    const [ca, cert, key] = await Promise.all([config.ca, config.cert, config.key].map(read));
    return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  };
  const token = async () => {
    const text = await read(config.tokenFile);
    return text ? text.toString().split(/\r?\n/, 1)[0] : (config.token ?? env.CONSUL_HTTP_TOKEN);
  };
  return new ConsulClient({ endpoints: [endpoint], tls, credentials, token }, { clock, random });
}

async function readAccess(name: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = "check the path and its permissions";
    throw faults.DESTINATION_ACCESS_DENIED({ name, action: `read ${path}`, why, hint }, error);
  }
}
