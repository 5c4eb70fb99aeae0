import type { Clock } from "../base/clock.ts";
import type { Keyspace } from "./contract.ts";
import { createEnvKeyspace } from "./env/keyspace.ts";
import { MemoryStore } from "./memory.ts";
import type { KeyspaceConfig } from "./schema.ts";
import { type Location, noKeyspaceUrl } from "./url.ts";

export interface KeyspaceDeps {
  readonly clock: Clock;
  /** A number in [0, 1), to spread many agents over the endpoints. */
  readonly random: () => number;
  /** For commands that only read: the folder of a `file:` keyspace is not created. */
  readonly mustExist?: boolean;
  /** The environment variables, for `env:` and for the place of the API server of `kubernetes:`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

type Kinds = {
  readonly [Kind in Location["kind"]]: (
    config: KeyspaceConfig & { readonly location: Extract<Location, { kind: Kind }> },
    deps: KeyspaceDeps,
  ) => Promise<Keyspace>;
};

/** Every kind of keyspace. To add one, write its folder, add its URL to url.ts, and list it here. */
export const kinds: Kinds = {
  // Imported on use, as it is where chokidar is needed.
  file: async ({ location: { folder } }, { clock, mustExist = false }) =>
    (await import("./file/keyspace.ts")).createFileKeyspace({ folder, clock, mustExist }),
  env: async (_, { env = {} }) => createEnvKeyspace(env),
  // Imported on use: most configurations are not in YAML.
  yaml: async ({ url, location: { paths, filter = "*" } }, { clock }) =>
    (await import("./yaml/keyspace.ts")).createYamlKeyspace(url, { paths, filter }, clock),
  // Imported on use, as the resolver is not needed elsewhere in an agent without host names.
  srv: async ({ url, location }, deps) =>
    (await import("./srv/keyspace.ts")).createSrvKeyspace(url, location, deps),
  // Imported on use: it takes the HTTP client.
  kubernetes: async (target, deps) =>
    (await import("./kubernetes/keyspace.ts")).createKubernetesKeyspace(target, deps),
  // Imported on use, as they take the HTTP client.
  consul: async (target, deps) =>
    (await import("./consul/keyspace.ts")).createConsulKeyspace(target, deps),
  "consul-catalog": async (target, deps) =>
    (await import("./consul/catalog.ts")).createConsulCatalog(target, deps),
  memory: async (_, { clock }) => new MemoryStore(clock).open(),
  none: async (_, { clock }) => new MemoryStore(clock, noKeyspaceUrl).open(),
  // Imported on use: gRPC takes some 30 MB of memory, which a file: keyspace does not need.
  etcd: async (target, deps) =>
    (await import("./etcd/keyspace.ts")).createEtcdKeyspace(target, deps),
  // Imported on use as well: it takes only some 3 MB, but patches its library, which other kinds must not depend on.
  zookeeper: async (target, deps) =>
    (await import("./zookeeper/keyspace.ts")).createZookeeperKeyspace(target, deps),
};

/** Creates the keyspace of a configuration. It connects on first use. */
export async function openKeyspace(config: KeyspaceConfig, deps: KeyspaceDeps): Promise<Keyspace> {
  const { location } = config;
  switch (location.kind) {
    case "file":
      return await kinds.file({ ...config, location }, deps);
    case "memory":
      return await kinds.memory({ ...config, location }, deps);
    case "none":
      return await kinds.none({ ...config, location }, deps);
    case "env":
      return await kinds.env({ ...config, location }, deps);
    case "yaml":
      return await kinds.yaml({ ...config, location }, deps);
    case "srv":
      return await kinds.srv({ ...config, location }, deps);
    case "kubernetes":
      return await kinds.kubernetes({ ...config, location }, deps);
    case "consul":
      return await kinds.consul({ ...config, location }, deps);
    case "consul-catalog":
      return await kinds["consul-catalog"]({ ...config, location }, deps);
    case "etcd":
      return await kinds.etcd({ ...config, location }, deps);
    case "zookeeper":
      return await kinds.zookeeper({ ...config, location }, deps);
  }
}
