import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";

/** The counts of a load. */
export interface Counted {
  readonly answered: number;
  /** The number of failures of each kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** The times of the failures, as of Date.now(). */
  readonly failedAtMs: readonly number[];
  /** The duration of each answered request. */
  readonly tookMs: readonly number[];
}

export interface Load {
  stop(): Promise<Counted>;
}

/** `fresh`: each request on a connection of its own; `kept`: on connections that are reused. */
export type LoadKind = "fresh" | "kept";

/** Sends this many requests per second for a URL and a host, in a process of its own. */
export function startLoad(
  scope: CleanupScope,
  url: string,
  host: string,
  kind: LoadKind,
  perSecond: number,
): Load {
  const program = join(import.meta.dirname, "load-client.ts");
  const child = fork(program, [url, host, kind, String(perSecond)]);
  scope.after(() => child.kill("SIGKILL"));
  return {
    async stop() {
      child.send("stop");
      const [counted] = await once(child, "message");
      return counted as Counted;
    },
  };
}

export function failed({ failures }: Counted): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}
