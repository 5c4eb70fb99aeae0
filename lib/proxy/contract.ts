import type { Clock } from "../base/clock.ts";

/** What a proxy is to serve: all the files that it reads of us, which have been replaced. */
export interface Change {
  readonly files: readonly ChangedFile[];
}

/** A file as it is now, beside what is known to be served. */
export interface ChangedFile {
  readonly target: string;
  /** The text that the proxy was last proved to serve; undefined while that is not known. */
  readonly loaded: string | undefined;
  /** The text that is in the file now. */
  readonly wanted: string;
}

/** What a proxy is handed. */
export interface ProxyDeps {
  readonly clock: Clock;
}

/**
 * What it took: `ran` a command, a `reloaded` proxy that was proved to run the new files, or a running one
 * that was `adjusted` without a reload, which is proved as well. What follows in brackets is for people.
 */
export type Applied = "ran" | Done | `${Done} (${string})`;

type Done = "reloaded" | "adjusted";

/** A program that reads the files that are rendered. */
export interface Proxy {
  /** What it is, for people: `haproxy (master /run/haproxy/master.sock)`. */
  readonly title: string;
  /**
   * Makes the running program serve what is in the files, and proves that it does where that can be
   * proved. Throws PROXY_NOT_RUNNING (the files may stay: it will read them when it starts) or a fault
   * that says what it refused (the files are put back).
   */
  apply(change: Change, signal: AbortSignal): Promise<Applied>;
  /**
   * Whether it can be made to serve this without a reload, as far as can be told beforehand: then there is
   * no reason to put it off for the sake of `minInterval`. A kind that always reloads leaves it out.
   */
  adjusts?(change: Change): boolean;
}
