import { setTimeout as delay } from "node:timers/promises";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { start } from "../test/support/process.ts";

export interface Load {
  /** Whether connections are kept, instead of a new one for each request. */
  readonly kept: boolean;
  readonly connections: number;
  /** The pause of a connection after each answer. */
  readonly pauseMs: number;
}

/** The result of a load. */
export interface Loaded {
  readonly requests: number;
  /** The number of connections that were refused, reset or without an answer for 2 s. */
  readonly broken: number;
  /** The times of answers other than 200, on the monotonic clock of the machine. */
  readonly failedMs: readonly number[];
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Starts wrk. Resolves once it sends requests, with the function that stops it. */
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
      fail(`wrk (of the package wrk) did not print its totals:\n${wrk.output().slice(-1000)}`);
    const [requests = 0, broken = 0, p99Ms = 0, maxMs = 0] = totals.map(Number);
    const failedMs = lines
      .filter((line) => line.startsWith("failed "))
      .map((line) => Number(line.split(" ")[2]));
    return { requests, broken, failedMs, p99Ms, maxMs };
  };
}

function fail(message: string): never {
  throw new Error(message);
}
