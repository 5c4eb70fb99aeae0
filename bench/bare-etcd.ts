import { Etcd3 } from "etcd3";
import { inParallel } from "../test/support/in-parallel.ts";
import type { Bare } from "./bare.ts";
import type { KeyValue } from "./instances.ts";

/** etcd3 with its defaults, except for the limit of 4 MB for an answer. */
export function bareEtcd(endpoint: string): Bare {
  const etcd = new Etcd3({
    hosts: `http://${endpoint}`,
    grpcOptions: { "grpc.max_receive_message_length": -1 },
  });
  const bytes = ([key, value]: KeyValue) => ({ key: Buffer.from(key), value: Buffer.from(value) });
  return {
    async fill(entries) {
      for (let from = 0; from < entries.length; from += 100) {
        const success = entries
          .slice(from, from + 100)
          .map((entry) => ({ request_put: bytes(entry) }));
        await etcd.kv.txn({ compare: [], failure: [], success });
      }
    },
    async register(entries, width) {
      const { ID: lease } = await etcd.leaseClient.leaseGrant({ TTL: 60 });
      await inParallel(entries, width, (entry) => etcd.kv.put({ ...bytes(entry), lease }));
      return async () => {
        await etcd.leaseClient.leaseRevoke({ ID: lease });
      };
    },
    async put(entry) {
      await etcd.kv.put(bytes(entry));
    },
    async read(folder) {
      const [key, range_end] = [Buffer.from(`${folder}/`), Buffer.from(`${folder}0`)];
      return (await etcd.kv.range({ key, range_end })).kvs.length;
    },
    async watch(folder, _, onPut) {
      const watcher = await etcd.watch().prefix(`${folder}/`).create();
      watcher.on("put", ({ key, value }) => onPut([key.toString(), value.toString()]));
    },
    close: () => etcd.close(),
  };
}
