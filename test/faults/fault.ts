import type { Store } from "./store.ts";
import type { Setting, World } from "./world.ts";

/** Something that goes wrong, written once for every keyspace. */
export interface Fault {
  /** What happens, for a table: `the server is killed, and back after 10 s`. */
  readonly name: string;
  /** The keyspaces that it can happen to; all of them unless said. */
  readonly only?: Store["kind"];
  readonly setting: Setting;
  /** Brings about what the fault needs, each time anew. */
  prepare?(world: World): Promise<void>;
  /** Makes the fault, and ends it where it does not pass by itself. From its return on recovering is measured. */
  strike(world: World): Promise<void>;
  /** Since when recovering is measured, for the table: `it answers again`. */
  readonly since: string;
  /** Whether the entries keep their session, or are announced anew; neither where it depends on how long things take. */
  readonly entries?: "kept" | "anew";
  /** How long recovering may take, in milliseconds. */
  readonly withinMs: number;
  /** How old what is shown may be while it catches up, in milliseconds; 2 s unless said. */
  readonly lagMs?: number;
  /** It disturbs the whole machine: it is made only when it is asked for. */
  readonly disturbing?: boolean;
  /** Puts right what the next time needs to be right. */
  mend?(world: World): Promise<void>;
}
