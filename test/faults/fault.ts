import type { Store } from "./store.ts";
import type { Setting, World } from "./world.ts";

/** A fault to inject, written once for all keyspaces. */
export interface Fault {
  /** For the table: `the server is killed and restarted after 10 s`. */
  readonly name: string;
  /** The only kind of keyspace that can have it. By default all. */
  readonly only?: Store["kind"];
  readonly setting: Setting;
  /** Establishes the preconditions, before each trial. */
  prepare?(world: World): Promise<void>;
  /** Injects the fault, and ends it unless it passes by itself. The recovery time is counted from its return. */
  inject(world: World): Promise<void>;
  /** The moment from which the recovery time is counted, for the table: `the server answers again`. */
  readonly since: string;
  /** Whether the entries keep their session or are registered again; absent if that depends on timing. */
  readonly entries?: "kept" | "registered again";
  /** The maximum recovery time, in milliseconds. */
  readonly withinMs: number;
  /** The maximum age of the shown state while the watcher catches up, in milliseconds. Default: 2 s. */
  readonly lagMs?: number;
  /** It affects the whole machine, and is injected on request only. */
  readonly disturbing?: boolean;
  /** It takes much longer than most: the suite begins with it. */
  readonly isLong?: boolean;
  /** Restores the initial state for the next trial. */
  repair?(world: World): Promise<void>;
}
