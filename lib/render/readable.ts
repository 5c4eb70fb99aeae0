import type { Prefixes } from "./prefixes.ts";

/** The part of the keyspace that a template can read. */
export interface Readable {
  readonly prefixes: Prefixes;
  /** The folder of the services; false if all of them have folders of their own. */
  readonly services: string | false;
  /** The folders of the services that have folders of their own, by name. */
  readonly sources?: ReadonlyMap<string, readonly string[]>;
}
