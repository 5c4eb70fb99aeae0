import { catalogue } from "../../base/fault.ts";

export const faults = catalogue({
  KEYSPACE_ZOOKEEPER_KEY_INVALID: {
    retry: false,
    message: (d: { key: string; why: string }) =>
      `the key ${JSON.stringify(d.key)} cannot be stored in ZooKeeper: ${d.why}`,
  },
  KEYSPACE_ZOOKEEPER_CONFLICT: {
    retry: true,
    message: (d: { key: string }) =>
      `the key ${d.key} cannot be a node: it has keys below it, or is itself below another key; rename one of them`,
  },
});
