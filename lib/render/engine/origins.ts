import { type Entry, folderAbove } from "../../model/entry.ts";
import type { Endpoint, Pool } from "../../model/pool.ts";
import type { Keys, RenderContext } from "../helpers/contract.ts";
import type { Frame } from "./frames.ts";

/** The keys, or the folders, that an item of a list stands for. */
type PathsOf = (item: unknown) => readonly string[];

/**
 * The keys from which the values of one rendering were read. Objects are known by identity: an object in a JSON value
 * that looks like an entry is none.
 */
export class Origins {
  /** The keys of the context; every reading is recorded. */
  readonly keys: Keys;
  readonly #context: RenderContext;
  readonly #lists = new WeakMap<object, PathsOf>();
  readonly #objects = new WeakMap<object, string>();
  /** By value, the key that was read last. */
  readonly #values = new Map<string, string>();
  /** By text, the list from which a helper such as join made it. */
  readonly #joined = new Map<string, readonly unknown[]>();
  /** The list that was read last. */
  #latest: PathsOf | undefined;

  constructor(context: RenderContext) {
    this.#context = context;
    this.keys = this.#recording(context.keys);
  }

  /** Calls a helper. What it makes of values that were read comes from the same keys. */
  trace(args: readonly unknown[], call: () => unknown): unknown {
    this.#latest = undefined;
    const result = call();
    if (Array.isArray(result) && !this.#lists.has(result)) {
      const known = args.find((one) => isObject(one) && this.#lists.has(one));
      const paths = isObject(known) ? this.#lists.get(known) : this.#latest;
      if (paths) this.#lists.set(result, paths);
    }
    if (typeof result === "string") this.#traceText(args, result);
    const [key] = this.keysOfArguments(args);
    if (key !== undefined && typeof result === "string") this.#values.set(result, key);
    if (key !== undefined && isObject(result)) this.#objects.set(result, key);
    return result;
  }

  /** The paths of the items of a list that is part of the text, as far as they are `bad`. */
  pathsWithin(text: string, bad: (item: string) => boolean): readonly string[] {
    const list = this.#joined.get(text) ?? [];
    const paths = this.#lists.get(list);
    const items = list.filter((item) => typeof item === "string" && bad(item));
    return paths ? items.flatMap(paths) : [];
  }

  #traceText(args: readonly unknown[], text: string): void {
    const lists = args.map((one) => {
      if (Array.isArray(one)) return this.#lists.has(one) ? one : undefined;
      return typeof one === "string" ? this.#joined.get(one) : undefined;
    });
    const list = lists.find((one) => one !== undefined);
    if (list) this.#joined.set(text, list);
  }

  keysOfArguments(args: readonly unknown[]): readonly string[] {
    const keys = args.map((one) =>
      isObject(one) ? this.#objects.get(one) : this.#values.get(String(one)),
    );
    return keys.filter((key) => key !== undefined).slice(0, 1);
  }

  /** What the value of a frame stands for in the lists of the keyspace: keys, or folders. Empty for anything else. */
  pathsOf({ list, value }: Frame): readonly string[] {
    const paths = list && this.#lists.get(list);
    if (paths) return paths(value);
    return isObject(value) ? this.#ownPaths(value) : [];
  }

  /** At most three keys from which the value of the frame was read, or else those of the frames around it. */
  keysOf(frame: Frame | undefined): readonly string[] {
    if (!frame) return [];
    const paths = this.pathsOf(frame);
    if (paths.length > 0) return paths.slice(0, 3);
    for (const one of [frame.value, frame.list]) {
      const key = isObject(one) ? this.#objects.get(one) : undefined;
      if (key !== undefined) return [key];
    }
    return this.keysOf(frame.parent);
  }

  #ownPaths(value: Partial<Entry & Endpoint & Pool>): readonly string[] {
    const { key, service, name, instances } = value;
    const { keys, services } = this.#context;
    if (instances && services.includes(value as Pool)) {
      return [...new Set(instances.map((one) => folderAbove(one.key)))];
    }
    if (typeof key !== "string") return [];
    const pool = services.find((one) => one.name === (service ?? name));
    const isInstance = ({ resolved }: Endpoint) => resolved?.includes(value as Endpoint);
    const isOwn =
      pool?.instances.includes(value as Endpoint) ||
      keys.has(value as Entry) ||
      pool?.instances.some(isInstance);
    return isOwn ? [key] : [];
  }

  #recording(keys: Keys): Keys {
    const record = <List extends object>(list: List, paths: PathsOf): List => {
      this.#lists.set(list, paths);
      this.#latest = paths;
      return list;
    };
    return {
      get: (key) => {
        const entry = keys.get(key);
        if (entry) this.#values.set(entry.value, key);
        return entry;
      },
      has: (entry) => keys.has(entry),
      matching: (glob) => record(keys.matching(glob), (item) => [(item as Entry).key]),
      valuesMatching: (glob) => {
        const paths: PathsOf = (item) =>
          keys.matching(glob).flatMap(({ key, value }) => (value === item ? [key] : []));
        return record(keys.valuesMatching(glob), paths);
      },
      names: (folder) => record(keys.names(folder), (item) => [`${folder}/${item}`]),
      folders: (folder) => record(keys.folders(folder), (item) => [`${folder}/${item}`]),
      keysContaining: (text) => keys.keysContaining(text),
    };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
