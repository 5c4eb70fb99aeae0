import type { EtcdStore } from "./etcd-store.ts";
import type { World } from "./world.ts";

/** The store of a world, which must be an etcd. */
export function etcdOf({ store }: World): EtcdStore {
  if (store.kind !== "etcd") throw new Error("this fault needs an etcd");
  return store as EtcdStore;
}

/** Compacts etcd up to the current revision. */
export async function compact(world: World): Promise<void> {
  const { etcdctl } = etcdOf(world);
  const [status] = JSON.parse(await etcdctl("endpoint", "status", "-w", "json"));
  await etcdctl("compact", "--physical", String(status.Status.header.revision));
}
