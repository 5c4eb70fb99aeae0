import type { Bare } from "./bare.ts";
import { bareEtcd } from "./bare-etcd.ts";
import { bareZookeeper } from "./bare-zookeeper.ts";

/** Connects to the keyspace URL of a configuration: `etcd://host:port` or `zk://host:port`. */
export async function bareClient(url: string): Promise<Bare> {
  const [scheme, endpoint = ""] = url.split("://");
  return scheme === "zk" ? await bareZookeeper(endpoint) : bareEtcd(endpoint);
}
