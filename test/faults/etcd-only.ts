import type { EtcdStore } from "./etcd-store.ts";
import type { World } from "./world.ts";

/** The store of a world that is one of etcd. */
export function etcdOf({ store }: World): EtcdStore {
  if (store.kind !== "etcd") throw new Error("this fault is one of etcd");
  return store as EtcdStore;
}

/** Makes etcd forget all revisions but the last. */
export async function compact(world: World): Promise<void> {
  const { etcdctl } = etcdOf(world);
  const [status] = JSON.parse(await etcdctl("endpoint", "status", "-w", "json"));
  await etcdctl("compact", "--physical", String(status.Status.header.revision));
}
