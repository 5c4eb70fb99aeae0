/** Instances for a load: their keys lie as an agent announces them, and their values read as it writes them. */

/** How many instances each service has. */
const perService = 20;

interface LoadInstance {
  readonly service: string;
  readonly host: string;
  readonly port: number;
}

/** Each has an address of its own, of this machine: what listens on one of them listens on all. */
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

/** What the `n`th change puts, spread over all the keys. */
export function changeAt(folder: string, n: number, keys: number): KeyValue {
  return entryAt(folder, (n * 7919) % keys, `change-${n}`);
}
