import type { Entry } from "../../model/entry.ts";
import type { Pool } from "../../model/pool.ts";

/** The keys below a template's prefixes. Lists keep their identity for as long as nothing in them changes. */
export interface Keys {
  get(key: string): Entry | undefined;
  /** The entries whose key matches, in key order. `glob` has Go's path.Match syntax. */
  matching(glob: string): readonly KeyValue[];
  /** The values of the same entries, in order of value, duplicates kept. */
  valuesMatching(glob: string): readonly string[];
  /** The names one level below a folder, sorted, each once. */
  names(folder: string): readonly string[];
  /** Those of `names` that have something below them. */
  folders(folder: string): readonly string[];
  /** The keys, three at the most, whose value has `text` in it: for messages. */
  holding(text: string): readonly string[];
}

/** A key with its value, under the names that confd's templates use. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** All that a helper may look at. */
export interface Scene {
  readonly keys: Keys;
  readonly services: readonly Pool[];
  readonly env: (name: string) => string | undefined;
  /** When the rendering began. */
  readonly now: Date;
  readonly lookups: Lookups;
}

/** Names that were resolved before the rendering began; asking for another one interrupts the rendering. */
export interface Lookups {
  ip(host: string): readonly string[];
  srv(name: string): readonly SrvTarget[];
}

export interface SrvTarget {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface Helper {
  /** How it is called, optional arguments in brackets: `getv key [default]`. */
  readonly usage: string;
  /** What it gives, in one line for the reference page. */
  readonly gives: string;
  /** The same arguments always give the same result: nothing but `args` is looked at. */
  readonly pure: boolean;
  /** Throws a HelperError where the arguments make no sense; the engine adds template, line and column. */
  readonly run: (args: readonly unknown[], scene: Scene) => unknown;
}

export type Helpers = Readonly<Record<string, Helper>>;

/** A helper was asked for something that cannot be. The message is a clause: `the key /a does not exist`. */
export class HelperError extends Error {
  override readonly name = "HelperError";
}
