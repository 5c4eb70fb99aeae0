import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../base/cell.ts";
import type { Backoff, RetryDeps } from "../../base/retry.ts";
import { supervise } from "../../base/supervise.ts";
import type { Containers } from "../../clients/docker/contract.ts";
import { followContainers } from "../../clients/docker/follow.ts";
import type { Discovered, Discovery, ReadCheck } from "../contract.ts";
import { ContainerInstances, type ReadContainer } from "./container-instances.ts";
import type { HostAddresses } from "./host-addresses.ts";
import { instancesOf } from "./instances.ts";
import type { DockerSettings } from "./schema.ts";

export interface DockerDeps<Check> extends RetryDeps {
  /** Called whenever the instances are up to date with the engine, which resolves any fault. */
  readonly onWorking: () => void;
  /** The name of this host: the first part of every id. */
  readonly hostName: string;
  /** Determines the advertised addresses of this host if the settings have none. */
  readonly ownAddresses: () => Promise<HostAddresses>;
  readonly readCheck: ReadCheck<Check>;
}

/** Short delays: a connection to a local socket is cheap. */
const backoff: Backoff = { firstMs: 100, maxMs: 500 };

/**
 * Discovers the containers of an engine. Yields nothing before the first response of the engine; while it is unreachable
 * the last result is kept.
 */
export function createDocker<Check>(
  settings: DockerSettings,
  deps: DockerDeps<Check>,
): Discovery<Check> {
  const { hostName, readCheck, clock, onFault, onWorking } = deps;
  const supervision = { backoff, reporter: { report: onFault, resolved: onWorking } };
  const follow = (containers: Cell<Containers | undefined>, signal: AbortSignal) =>
    supervise(
      (progress, s) =>
        followContainers(settings.socket, containers, { clock, progress, onFault }, s),
      supervision,
      deps,
      signal,
    );
  const read: ReadContainer<Check> = (container, hostAddresses, network) =>
    instancesOf(container, settings, { hostName, hostAddresses, readCheck }, network);
  return {
    async *discover(signal) {
      let last: Discovered<Check> | undefined;
      let instances = new ContainerInstances(read);
      for await (const containers of valuesOf(follow, signal)) {
        const hostAddresses = settings.ip === undefined ? await deps.ownAddresses() : {};
        instances = await instances.after(containers, hostAddresses, clock, signal);
        const discovered = instances.discovered();
        if (last && isSame(last, discovered)) continue;
        last = discovered;
        yield discovered;
      }
    },
  };
}

/** Yields each new value of a cell while `update` sets it. Throws the error of `update`. */
async function* valuesOf<T>(
  update: (cell: Cell<T | undefined>, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  signal.throwIfAborted();
  const cell = new Cell<T | undefined>(undefined);
  const child = new AbortController();
  const relay = () => child.abort(signal.reason);
  signal.addEventListener("abort", relay, { once: true });
  // Its failure ends the wait for a new value.
  const updating = update(cell, child.signal).catch((error) => child.abort(error));
  try {
    for (;;) {
      const { version } = cell;
      if (cell.value !== undefined) yield cell.value;
      await cell.newer(version, child.signal);
    }
  } finally {
    signal.removeEventListener("abort", relay);
    child.abort();
    await updating;
  }
}

function isSame<Check>(before: Discovered<Check>, after: Discovered<Check>): boolean {
  return (
    before.found.length === after.found.length &&
    before.found.every((one, i) => one === after.found[i]) &&
    isDeepStrictEqual(before.quarantined, after.quarantined)
  );
}
