import { type KeyspaceConfig, keyspaceSchema } from "../../../keyspace/schema.ts";
import type { Format } from "../../../model/encode.ts";
import { folderOf } from "../../../model/entry.ts";

/** Where registrator writes entries, and how. */
export interface Registry {
  readonly keyspace: KeyspaceConfig;
  /** The folder of all services; the empty string for the root. */
  readonly prefix: string;
  readonly format: Format;
  /** The last part of a key. */
  readonly ids: "container" | "address";
}

/** Registries that there are no counterparts of, and what to use. */
const foreign: Readonly<Record<string, string>> = {
  consul: "sidekick writes to no Consul: give an etcd:// or zookeeper:// URL",
  "consul-tls": "sidekick writes to no Consul: give an etcd:// or zookeeper:// URL",
  "consul-unix": "sidekick writes to no Consul: give an etcd:// or zookeeper:// URL",
  consulkv: "sidekick writes to no Consul: give an etcd:// or zookeeper:// URL",
  "consulkv-unix": "sidekick writes to no Consul: give an etcd:// or zookeeper:// URL",
  skydns2: "sidekick writes no records for SkyDNS: give an etcd:// URL",
};

/** The registry of a URL; the problem as a sentence. */
export function registryAt(url: string): Registry | { readonly why: string } {
  const [, scheme = "", hosts = "", path = ""] = /^([\w-]+):\/\/([^/?#]*)([^?#]*)$/.exec(url) ?? [];
  switch (scheme) {
    case "etcd":
      return at(`etcd://${hosts || "127.0.0.1:2379"}`, path, {
        format: "address",
        ids: "container",
      });
    case "zookeeper":
      return at(`zk://${hosts}`, path, { format: "registrator", ids: "address" });
    default: {
      const why = Object.hasOwn(foreign, scheme) ? foreign[scheme] : undefined;
      return {
        why: `${url}: ${why ?? "expected the URL of a registry, such as etcd://10.0.0.1:2379/services"}`,
      };
    }
  }
}

function at(
  server: string,
  path: string,
  writing: Pick<Registry, "format" | "ids">,
): Registry | { readonly why: string } {
  const result = keyspaceSchema.safeParse(server);
  if (result.success) return { keyspace: result.data, prefix: folderOf(path), ...writing };
  return { why: result.error.issues[0]?.message ?? "the URL is invalid" };
}
