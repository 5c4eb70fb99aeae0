import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../base/cell.ts";
import { type Backoff, type RetryDeps, retry } from "../../base/retry.ts";
import type { Container, Containers } from "../../clients/docker/contract.ts";
import { followContainers } from "../../clients/docker/follow.ts";
import type { Discovered, Discovery, ReadCheck } from "../contract.ts";
import { Findings } from "./findings.ts";
import { instancesOf } from "./instances.ts";
import type { DockerSettings } from "./schema.ts";

export interface DockerDeps<Check> extends RetryDeps {
  /** Called each time that the engine has said how things are, so that a fault is over. */
  readonly onWorking: () => void;
  /** What the machine is called: the first part of every id. */
  readonly hostName: string;
  /** Where others reach the machine, where the settings do not say it; undefined if nobody knows. */
  readonly ownAddress: () => Promise<string | undefined>;
  readonly readCheck: ReadCheck<Check>;
}

/** How soon an engine that is out of reach is tried again: its socket costs next to nothing. */
const backoff: Backoff = { firstMs: 100, maxMs: 500 };

/**
 * Finds the containers of an engine. Nothing is yielded before the engine has answered for the first time; while it
 * is out of reach the last answer stands.
 */
export function createDocker<Check>(
  settings: DockerSettings,
  deps: DockerDeps<Check>,
): Discovery<Check> {
  const follow = (containers: Cell<Containers | undefined>, signal: AbortSignal) =>
    retry(
      async (progress, s) => {
        const works = () => {
          progress();
          deps.onWorking();
        };
        const { clock, onFault } = deps;
        await followContainers(settings.socket, containers, { clock, progress: works, onFault }, s);
      },
      backoff,
      deps,
      signal,
    );
  const { hostName, readCheck } = deps;
  const read = (container: Container, hostAddress: string | undefined) =>
    instancesOf(container, settings, { hostName, hostAddress, readCheck });
  return {
    async *discover(signal) {
      let said: Discovered<Check> | undefined;
      let findings = new Findings(read);
      for await (const containers of valuesOf(follow, signal)) {
        const hostAddress = settings.ip === undefined ? await deps.ownAddress() : undefined;
        findings = findings.after(containers, hostAddress);
        const news = findings.discovered();
        if (said && isSame(said, news)) continue;
        said = news;
        yield news;
      }
    },
  };
}

/** Yields what a cell holds, each time that it is something new, while `keep` sees to it. Ends as `keep` does. */
async function* valuesOf<T>(
  keep: (cell: Cell<T | undefined>, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  signal.throwIfAborted();
  const cell = new Cell<T | undefined>(undefined);
  const leaving = new AbortController();
  const leave = () => leaving.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  // Whatever ends it ends the wait for something new.
  const kept = keep(cell, leaving.signal).catch((error) => leaving.abort(error));
  try {
    for (;;) {
      const { version } = cell;
      if (cell.value !== undefined) yield cell.value;
      await cell.newer(version, leaving.signal);
    }
  } finally {
    signal.removeEventListener("abort", leave);
    leaving.abort();
    await kept;
  }
}

function isSame<Check>(before: Discovered<Check>, after: Discovered<Check>): boolean {
  return (
    before.found.length === after.found.length &&
    before.found.every((one, i) => one === after.found[i]) &&
    isDeepStrictEqual(before.quarantined, after.quarantined)
  );
}
