import type { Clock } from "../base/clock.ts";

/** What a proxy is to serve: files that have been replaced, and how sure we are of what it serves now. */
export interface Change {
  /** The files that changed, for people. */
  readonly targets: readonly string[];
  /** What each of its files holds now, also those that did not change, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** What a proxy is handed. */
export interface ProxyDeps {
  readonly clock: Clock;
}

/** What it took: `ran` a command, or a `reloaded` proxy that was proved to run the new files. */
export type Applied = "ran" | "reloaded";

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
