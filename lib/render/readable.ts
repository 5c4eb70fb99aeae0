import type { Prefixes } from "./prefixes.ts";

/** The part of the keyspace that a template can read. Folders are as the template names them: below its root. */
export interface Readable {
  readonly prefixes: Prefixes;
  /** The folder of the services: undefined if it is outside of the template's root, false if there are only sources. */
  readonly services: string | false | undefined;
  /** The folders of the services that have folders of their own, by name; undefined if one of them is outside of the root. */
  readonly sources?: ReadonlyMap<string, readonly string[] | undefined>;
}
