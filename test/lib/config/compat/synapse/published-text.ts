import { readFile } from "node:fs/promises";
import { examineSynapseConfig } from "../../../../../lib/config/compat/synapse/load.ts";
import type { ReadSynapse } from "../../../../../lib/config/compat/synapse/read.ts";
import { selectedServers, usedServers } from "../../../../../lib/render/synapse/choose-servers.ts";
import { haproxyConfig } from "../../../../../lib/render/synapse/haproxy-config.ts";
import { nothingRemembered } from "../../../../../lib/render/synapse/remembered.ts";
import { published } from "./published.ts";

export const fileOf = (name: string) => new URL(`published/${name}`, import.meta.url).pathname;

export async function readPublished(name: string): Promise<ReadSynapse> {
  const env = { TOKENS_PORT: "8090" };
  return await examineSynapseConfig(fileOf(name), { env, hostName: "web-1" });
}

/** haproxy.cfg of one of the configurations and its servers. */
export async function textOf(name: string): Promise<string> {
  const { settings } = await readPublished(name);
  if (!settings?.haproxy) throw new Error(`${name} has no haproxy`);
  const servers = settings.services.map(({ name: service, rules }) => {
    const used = usedServers(rules, published[name]?.[service] ?? []);
    return [service, selectedServers(rules, used)] as const;
  });
  return haproxyConfig(settings.haproxy.settings, new Map(servers), nothingRemembered, 0).text;
}

/** The recorded text. */
export async function recordedText(name: string): Promise<string> {
  return await readFile(fileOf(`${name}.cfg`), "utf8");
}
