import type { Clock } from "../base/clock.ts";
import type { Finished } from "../base/exec.ts";
import type { SharedRuns } from "./shared-runs.ts";

/** The files that a proxy reads, all of which have been written already. */
export interface Change {
  readonly files: readonly ChangedFile[];
}

/** The text of one file now, and the text that the proxy runs with as far as is known. */
export interface ChangedFile {
  readonly target: string;
  /** The text that the proxy was last verified to run with; undefined if that is unknown. */
  readonly loaded: string | undefined;
  /** The text that is in the file now, or is to be once the program was adjusted. */
  readonly desired: string;
}

/** A program that this process runs itself. */
export interface OwnProgram {
  readonly argv: readonly string[];
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
}

/** The dependencies of every kind. */
export interface ProxyDeps {
  readonly clock: Clock;
  /** The program that this process runs itself, if any: it may be the proxy. */
  readonly program?: OwnProgram | undefined;
  /** The runs of commands, if several proxies share them. */
  readonly commands?: SharedRuns<Finished>;
}

/**
 * How the change was applied: a command `ran` (the result is not verified), the proxy was `reloaded`, or it was
 * `adjusted` at run time without a reload (both verified). Details for the log follow in parentheses.
 */
export type Applied = "ran" | Verified | `${Verified} (${string})`;

type Verified = "reloaded" | "adjusted";

/**
 * How the change was made at run time; or that it was `not possible`, since it takes a reload; or that it has `failed`: then the
 * program may have a part of it.
 */
export type Adjustment = Applied | "not possible" | "failed";

/** What `apply` would do with a change, as far as that can be known without doing it. */
export type Foreseen =
  | {
      readonly how: "adjusted";
      /** The servers that differ, as `pool/server`: none if the texts mean the same to the program. */
      readonly servers: readonly string[];
      /** Why the running program could not be asked, so that only the texts were compared; absent if it was. */
      readonly unasked?: string;
    }
  /** `why` is a clause; absent if every change takes a reload. */
  | { readonly how: "reloaded"; readonly why?: string }
  | { readonly how: "ran" };

/** A running program, as it was looked at between changes. */
export type Observed =
  /** It runs with the files that it was verified with, as far as the kind can tell. */
  | { readonly state: "serving" }
  /** Other processes have taken over since it was verified: they have read the files as these were then. */
  | { readonly state: "replaced" }
  /** It runs, and was changed by another program or a person. `why` names the differences. */
  | { readonly state: "changed"; readonly why: string }
  /**
   * It does not run, or does not answer; `why` distinguishes the two where that is known. With `hasEnded` it is proved that
   * it sends no requests to any server.
   */
  | { readonly state: "down"; readonly why: string; readonly hasEnded?: true };

/**
 * Where requests go by the texts of files: `served` if a server has the address and a weight, `idle` if none is sent there,
 * `unclear` if the texts leave that open.
 */
export type AddressUse = "served" | "idle" | "unclear";

/** Reads and changes the servers in the texts of files. Addresses are `host:port`, with brackets around an IPv6 host. */
export interface ServerTexts {
  /** The text with weight 0 for the servers that have one of these addresses, where that can be changed at run time. */
  drain(text: string, addresses: ReadonlySet<string>): string;
  /**
   * The running text with the servers of the desired one where that needs no reload, for the time until the program may reload. Left
   * out by kinds that have no such texts.
   */
  graft?(running: string, desired: string): string;
  /** What all the texts of a program do with an address. */
  uses(texts: readonly string[]): (address: string) => AddressUse;
}

/** What a proxy has counted of one of its servers since that server was added or the program started. Counts only grow until then. */
export interface ServerCounters {
  /** The name of its pool, as in the file. */
  readonly pool: string;
  /** `host:port`, with brackets around an IPv6 host. */
  readonly address: string;
  /** Attempts to use it, with the ones that were repeated. */
  readonly requests: number;
  /** Attempts that were refused, timed out or found it unreachable. */
  readonly failedConnections: number;
  /** Attempts whose connection was closed early, and invalid responses and those with a status of 5xx. */
  readonly failedResponses: number;
  /** Why the proxy's own check, or an ejection, excludes it now, as a clause; absent if it is used. */
  readonly down?: string;
}

/** A program that reads rendered files. */
export interface Proxy {
  /** Its name in the log: `haproxy (master /run/haproxy/master.sock)`. */
  readonly title: string;
  /** Whether the program also reads the files by itself when it starts: they stay if they cannot be applied, and count as applied if they are there. */
  readonly keepsFiles?: boolean;
  /** Left out by kinds whose files are not read. */
  readonly servers?: ServerTexts;
  /** Changes weights at run time without a reload. */
  readonly weighs?: true;
  /**
   * Makes the running program use the files, and verifies it where the kind can. Throws PROXY_NOT_RUNNING (the files
   * can stay: the program reads them when it starts), or PROXY_UNREACHABLE, PROXY_REJECTED or PROXY_COMMAND_FAILED
   * (the caller restores the previous files). Unless it may reload, a change that turns out to need that throws PROXY_RELOAD_WAITS;
   * the program may have a part of it then. Kinds that always reload are not called.
   */
  apply(change: Change, signal: AbortSignal, mayReload?: boolean): Promise<Applied>;
  /**
   * Makes the running program use the texts while the previous ones are still in the files, and verifies the parts that have
   * changed: the program itself judges them. The caller has `apply` compare everything once the files are written; or with the
   * previous texts, to undo it. Left out by kinds that always reload.
   */
  adjust?(change: Change, signal: AbortSignal): Promise<Adjustment>;
  /**
   * Whether the change probably needs no reload, so that it need not wait for `minInterval`. Left out by kinds that
   * always reload.
   */
  canAdjust?(change: Change): boolean;
  /**
   * Finds out what `apply` would do if the program ran with the loaded texts, and changes nothing. It is asked only if its files
   * have these texts: else it is known to run with others. Left out by kinds that always reload.
   */
  foresee?(change: Change, areInFiles: boolean, signal: AbortSignal): Promise<Foreseen>;
  /**
   * Looks at the running program and changes nothing. `texts` are the ones that it was verified to run with, and empty if
   * that is unknown. Returns undefined if nothing is known at this moment, as while it restarts. Left out by kinds
   * that cannot look.
   */
  observe?(texts: readonly string[], signal: AbortSignal): Promise<Observed | undefined>;
  /**
   * What the program has counted of the servers that it was verified to have; changes nothing. Empty if it cannot be asked at this
   * moment. Left out by kinds that cannot count.
   */
  counters?(signal: AbortSignal): Promise<readonly ServerCounters[]>;
  /** Declares the processes that run now to be the ones that were verified. */
  adopt?(signal: AbortSignal): Promise<void>;
}
