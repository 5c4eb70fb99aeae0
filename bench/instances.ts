/** Instances for a load, with the keys and values that an agent writes. */

/** The number of instances of each service. */
const perService = 20;

interface LoadInstance {
  readonly service: string;
  readonly host: string;
  readonly port: number;
}

/** An instance with an address of its own in 127.0.0.0/8: a server that listens at 0.0.0.0 listens at all of them. */
export function instanceAt(i: number): LoadInstance {
  return {
    service: `service-${String(Math.floor(i / perService)).padStart(4, "0")}`,
    host: `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
    port: 8080,
  };
}

export type KeyValue = readonly [key: string, value: string];

/** The key of an instance below `folder`, with a value that differs by `name`. */
export function entryAt(folder: string, i: number, name: string): KeyValue {
  const { service, host, port } = instanceAt(i);
  return [`${folder}/${service}/${host}:${port}`, JSON.stringify({ host, port, name })];
}

export function entriesBelow(folder: string, count: number): readonly KeyValue[] {
  return Array.from({ length: count }, (_, i) => entryAt(folder, i, "load"));
}

/** The key and value of the `n`th change. The changes are spread over all keys. */
export function changeAt(folder: string, n: number, keys: number): KeyValue {
  return entryAt(folder, (n * 7919) % keys, `change-${n}`);
}
