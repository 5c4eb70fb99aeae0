import { Etcd3 } from "etcd3";
import { startEtcd } from "../test/real/etcd.ts";
import { startZookeeper } from "../test/real/zookeeper.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";

/** A real store of one member, until the end of its scope. */
export interface Store {
  /** The URL of the keyspace. */
  readonly url: string;
  /** The number of keys with a lease or session below a folder, as counted by the store. */
  count(folder: string): Promise<number>;
}

/** Starts a store by its name. */
export async function startStore(name: string, scope: CleanupScope): Promise<Store> {
  const starting = stores[name];
  if (!starting) throw new Error(`${name} is not one of ${Object.keys(stores).join(", ")}`);
  return await starting(scope);
}

/** The stores under load. */
export const stores: Readonly<Record<string, (scope: CleanupScope) => Promise<Store>>> = {
  async etcd(scope) {
    const { url, endpoint } = await startEtcd(scope);
    const etcd = new Etcd3({ hosts: `http://${endpoint}` });
    scope.after(() => etcd.close());
    return { url, count: (folder) => etcd.getAll().prefix(`${folder}/`).count() };
  },
  async ZooKeeper(scope) {
    const { url, send4lw } = await startZookeeper(scope);
    // In all folders: ZooKeeper does not count them by folder.
    const count = async () =>
      Number(/^zk_ephemerals_count\s+(\d+)/m.exec(await send4lw("mntr"))?.[1] ?? Number.NaN);
    return { url, count };
  },
};
