import type { Clock } from "../lib/base/clock.ts";
import type { Resolver } from "../lib/render/lookups.ts";

/** All that a command may touch outside of the program: only main.ts makes one from the real process. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  readonly pid: number;
  /** Who runs this; undefined where the system has no such thing. */
  readonly uid: number | undefined;
  /** The folder for temporary files. */
  readonly temporary: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly resolver: Resolver;
  readonly out: Stream;
  readonly err: Stream;
  /** The folder of the shipped templates. */
  readonly shipped: string;
  /** How to start this program again, for the demo's processes. */
  readonly self: readonly string[];
}

export interface Stream {
  readonly terminal: boolean;
  readonly write: (text: string) => void;
}
