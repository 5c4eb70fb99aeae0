import { Etcd3 } from "etcd3";
import { startEtcd } from "../test/real/etcd.ts";
import { startZookeeper } from "../test/real/zookeeper.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";

/** A real store of one member, which ends with its scope. */
export interface Store {
  /** For a configuration. */
  readonly url: string;
  /** How many keys there are below a folder that come from a lease or a session, as the store itself counts. */
  count(folder: string): Promise<number>;
}

/** Starts a store by its name. */
export async function startStore(name: string, scope: CleanupScope): Promise<Store> {
  const starting = stores[name];
  if (!starting) throw new Error(`${name} is none of ${Object.keys(stores).join(", ")}`);
  return await starting(scope);
}

/** The stores that are put under load. */
export const stores: Readonly<Record<string, (scope: CleanupScope) => Promise<Store>>> = {
  async etcd(scope) {
    const { url, endpoint } = await startEtcd(scope);
    const etcd = new Etcd3({ hosts: `http://${endpoint}` });
    scope.after(() => etcd.close());
    return { url, count: (folder) => etcd.getAll().prefix(`${folder}/`).count() };
  },
  async ZooKeeper(scope) {
    const { url, ask } = await startZookeeper(scope);
    // Of all folders: it does not count them apart.
    const count = async () =>
      Number(/^zk_ephemerals_count\s+(\d+)/m.exec(await ask("mntr"))?.[1] ?? Number.NaN);
    return { url, count };
  },
};
