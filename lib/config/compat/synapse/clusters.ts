import { type KeyspaceConfig, keyspaceSchema } from "../../../keyspace/schema.ts";
import type { Plan } from "../../plan.ts";
import type { EtcdSource, SingleSource, ZookeeperSource } from "./settings.ts";

/** A source in a cluster of ZooKeeper or etcd. */
export type RemoteSource = ZookeeperSource | EtcdSource;

export function isRemote(source: SingleSource): source is RemoteSource {
  return source.kind === "zookeeper" || source.kind === "etcd";
}

/** The URL of the cluster that a source is in. */
export function urlOf({ kind, hosts }: RemoteSource): string {
  return `${kind === "etcd" ? "etcd" : "zk"}://${hosts.join(",")}`;
}

/** Without any source, nothing is read. */
const noCluster = "memory:";

/** The clusters of a configuration. The paths of the first one are as they are; each other one is mounted in a folder. */
export class Clusters {
  readonly #urls: readonly string[];

  constructor(sources: readonly SingleSource[]) {
    this.#urls = [...new Set(sources.filter(isRemote).map(urlOf))];
  }

  /** The folder below which the paths of a source are: empty, or `/synapse/2`. */
  folderOf(source: RemoteSource): string {
    const at = this.#urls.indexOf(urlOf(source));
    return at === 0 ? "" : mountAt(at);
  }

  get keyspaces(): Pick<Plan, "keyspace" | "mounts"> {
    const [first = noCluster, ...others] = this.#urls;
    const mounts = others.map((url, i) => [mountAt(i + 1), keyspaceAt(url)]);
    return {
      keyspace: keyspaceAt(first),
      ...(mounts.length > 0 && { mounts: Object.fromEntries(mounts) }),
    };
  }
}

function mountAt(at: number): string {
  return `/synapse/${at + 1}`;
}

function keyspaceAt(url: string): KeyspaceConfig {
  return keyspaceSchema.parse(url);
}
