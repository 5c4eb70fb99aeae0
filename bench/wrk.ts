import { setTimeout as delay } from "node:timers/promises";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { start } from "../test/support/process.ts";

export interface Load {
  /** New connections for each request, or kept ones. */
  readonly kept: boolean;
  readonly connections: number;
  /** How long a connection rests after each answer. */
  readonly pauseMs: number;
}

/** What came of a load. */
export interface Loaded {
  readonly requests: number;
  /** Connections that were refused, reset or silent for 2 s; answers other than 200 are in `failedMs`. */
  readonly broken: number;
  /** When a wrong answer came, on the machine's monotonic clock. */
  readonly failedMs: readonly number[];
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Has wrk ask until it is stopped; resolves once it has begun. */
export async function startWrk(
  scope: CleanupScope,
  url: string,
  { kept, connections, pauseMs }: Load,
): Promise<() => Promise<Loaded>> {
  const headers = kept ? [] : ["-H", "Connection: close"];
  const wrk = start(
    scope,
    [
      ...["wrk", "-t", "1", "-c", String(connections), "-d", "3600", "--latency", ...headers],
      ...["-s", `${import.meta.dirname}/wrk.lua`, url],
    ],
    { env: { WRK_PAUSE_MS: String(pauseMs) } },
  );
  await delay(1000);
  return async () => {
    await wrk.stop("SIGINT");
    const lines = wrk.stdout().split("\n");
    const [, ...totals] =
      lines.find((line) => line.startsWith("done "))?.split(" ") ??
      fail(`wrk (of the package wrk) did not come to its end:\n${wrk.output().slice(-1000)}`);
    const [requests = 0, broken = 0, p99Ms = 0, maxMs = 0] = totals.map(Number);
    const failedMs = lines
      .filter((line) => line.startsWith("failed "))
      .map((line) => Number(line.split(" ")[2]));
    return { requests, broken, failedMs, p99Ms, maxMs };
  };
}

function fail(words: string): never {
  throw new Error(words);
}
