import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";

/** What a load came to. */
export interface Counted {
  readonly answered: number;
  /** How many of each kind. */
  readonly failures: Readonly<Record<string, number>>;
  /** When each of them was, as Date.now() has it. */
  readonly failedAtMs: readonly number[];
  /** How long each answer took. */
  readonly tookMs: readonly number[];
}

export interface Load {
  stop(): Promise<Counted>;
}

/** `fresh`: each request on a connection of its own; `kept`: on connections that are used again. */
export type LoadKind = "fresh" | "kept";

/** Asks for a URL of a host so many times a second, in a process of its own. */
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
