import type { Entry } from "../../model/entry.ts";
import type { Pool } from "../../model/pool.ts";

/**
 * The keys within a template's prefixes; a HelperError for any other. A list is the same object as long as nothing
 * in it changes.
 */
export interface Keys {
  get(key: string): Entry | undefined;
  /** Whether this is an entry of the keyspace, and not an object like it. */
  has(entry: Entry): boolean;
  /** The entries with a matching key, in key order. `glob` has the syntax of Go's path.Match. */
  matching(glob: string): readonly KeyValue[];
  /** The values of the same entries, sorted, duplicates kept. */
  valuesMatching(glob: string): readonly string[];
  /** The names one level below a folder, sorted, each once. */
  names(folder: string): readonly string[];
  /** The subset of `names` that have keys below them. */
  folders(folder: string): readonly string[];
  /** At most three keys of entries with `text` in their value: for error messages. */
  keysContaining(text: string): readonly string[];
}

/** A key with its value, with the field names of confd's templates. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** Everything that a rendering may read besides its template. */
export interface RenderContext {
  readonly keys: Keys;
  readonly services: readonly Pool[];
  readonly env: (name: string) => string | undefined;
  /** The start of the rendering. */
  readonly now: Date;
  readonly lookups: Lookups;
  /** Reports an entry that a helper leaves out of its list, with the reason. */
  readonly quarantine?: (one: { readonly key: string; readonly why: string }) => void;
  /** Gets what is read of the services. Readings of keys are recorded by `keys`. */
  readonly reads?: ReadRecorder | undefined;
}

/** Records which services a rendering reads. */
export interface ReadRecorder {
  /** One was looked for by its name. */
  service(name: string): void;
  /** The list of all of them was read. */
  allServices(): void;
}

/** DNS names that were resolved before the rendering began. A name that was not interrupts the rendering. */
export interface Lookups {
  ip(host: string): readonly string[];
  srv(name: string): readonly SrvTarget[];
}

/** The target of an SRV record. */
export interface SrvTarget {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface Helper {
  /** The call, with optional arguments in brackets: `getv key [default]`. */
  readonly usage: string;
  /** The result, in one line for the reference page. */
  readonly returns: string;
  /** Whether the result depends on `args` alone. */
  readonly pure: boolean;
  /** Of one that is not pure, whether it reads keys, services and variables of the environment alone: these readings are recorded. */
  readonly isRecorded?: boolean;
  /** Whether the origin of the result is recorded, for messages and to leave out an entry: the default. */
  readonly isTraced?: boolean;
  /** Throws a HelperError for invalid arguments; the engine adds template, line and column. */
  readonly run: (args: readonly unknown[], context: RenderContext) => unknown;
}

export type Helpers = Readonly<Record<string, Helper>>;

/** A helper cannot do what the template asks for. The message is a clause: `the key /a does not exist`. */
export class HelperError extends Error {
  override readonly name: string = "HelperError";
}

/** An argument has another type than the helper expects. */
export class InvalidArgument extends HelperError {
  /** Which argument, from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** The text of an argument is at fault, and not the call: `"{" is not valid JSON`. */
export class UnusableValue extends HelperError {
  override readonly name = "UnusableValue";
}

/** A name that has no address, or that no server answers for. */
export class Unresolvable extends UnusableValue {
  readonly host: string;

  constructor(host: string, cause: unknown) {
    super(`${host} cannot be resolved`, { cause });
    this.host = host;
  }
}

/** Interrupts a rendering at a name that has not been resolved yet. */
export class Unresolved extends Error {
  override readonly name = "Unresolved";
}

/** Stands for an argument that could not be evaluated. Its error is thrown where the argument is needed. */
export class Deferred {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}
