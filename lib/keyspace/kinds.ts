import type { Clock } from "../base/clock.ts";
import type { Keyspace } from "./contract.ts";
import { createFileKeyspace } from "./file/keyspace.ts";
import { MemoryStore } from "./memory.ts";
import type { KeyspaceConfig } from "./schema.ts";
import type { Location } from "./url.ts";

/** What a keyspace is handed: time, and chance. */
export interface KeyspaceDeps {
  readonly clock: Clock;
  /** A number in [0, 1), to spread many agents over the endpoints. */
  readonly random: () => number;
}

type Kinds = {
  readonly [Kind in Location["kind"]]: (
    config: KeyspaceConfig & { readonly location: Extract<Location, { kind: Kind }> },
    deps: KeyspaceDeps,
  ) => Promise<Keyspace>;
};

/** Every kind of keyspace there is. To add one, write its folder, its URL in url.ts, and name it here. */
export const kinds: Kinds = {
  file: async ({ location: { folder } }, { clock }) => createFileKeyspace({ folder, clock }),
  memory: async (_, { clock }) => new MemoryStore(clock).open(),
  // Loaded late: who keeps the entries in files shall not pay for gRPC, some 30 MB of memory.
  etcd: async (target, deps) =>
    (await import("./etcd/keyspace.ts")).createEtcdKeyspace(target, deps),
  // Late as well, though it is some 3 MB only: it reaches into a library that nobody else shall depend on.
  zookeeper: async (target, deps) =>
    (await import("./zookeeper/keyspace.ts")).createZookeeperKeyspace(target, deps),
};

/** Makes the keyspace that a configuration asks for. Nothing is connected to before it is used. */
export async function openKeyspace(config: KeyspaceConfig, deps: KeyspaceDeps): Promise<Keyspace> {
  const { location } = config;
  switch (location.kind) {
    case "file":
      return await kinds.file({ ...config, location }, deps);
    case "memory":
      return await kinds.memory({ ...config, location }, deps);
    case "etcd":
      return await kinds.etcd({ ...config, location }, deps);
    case "zookeeper":
      return await kinds.zookeeper({ ...config, location }, deps);
  }
}
