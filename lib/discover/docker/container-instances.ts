import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../base/clock.ts";
import { runInSlices } from "../../base/slices.ts";
import type { Container, Containers } from "../../clients/docker/contract.ts";
import { concat } from "../concat.ts";
import type { Discovered, FoundInstance, QuarantinedItem } from "../contract.ts";
import { distinct } from "../distinct.ts";
import type { NetworkContext } from "./address.ts";
import type { HostAddresses } from "./host-addresses.ts";
import { maxChecks } from "./limits.ts";
import { networkOwner } from "./shared-network.ts";

/** The instances of a container, and the inputs from which they were read. */
interface ContainerResult<Check> extends Discovered<Check> {
  readonly container: Container;
  readonly owner: NetworkContext["owner"];
}

/**
 * Reads the instances of a container, port by port: it may have thousands. `hostAddresses` are the advertised addresses of
 * this host.
 */
export type ReadContainer<Check> = (
  container: Container,
  hostAddresses: HostAddresses,
  network: NetworkContext,
) => Iterable<Discovered<Check>>;

/** Instances of all containers; immutable. Only containers that have changed are read again. */
export class ContainerInstances<Check> {
  readonly #read: ReadContainer<Check>;
  readonly #hostAddresses: HostAddresses;
  readonly #results: ReadonlyMap<string, ContainerResult<Check>>;

  constructor(
    read: ReadContainer<Check>,
    hostAddresses: HostAddresses = {},
    results: ReadonlyMap<string, ContainerResult<Check>> = new Map(),
  ) {
    this.#read = read;
    this.#hostAddresses = hostAddresses;
    this.#results = results;
  }

  /**
   * The instances after a change. Unchanged instances keep their identity. Many ports are read in slices; rejects when
   * `signal` aborts.
   */
  async after(
    containers: Containers,
    hostAddresses: HostAddresses,
    clock: Pick<Clock, "now">,
    signal: AbortSignal,
  ): Promise<ContainerInstances<Check>> {
    const results = new Map<string, ContainerResult<Check>>();
    await runInSlices(this.#update(results, containers, hostAddresses), clock, signal);
    return new ContainerInstances(this.#read, hostAddresses, results);
  }

  /** Adds the result of each container, in steps of a port. */
  *#update(
    results: Map<string, ContainerResult<Check>>,
    containers: Containers,
    hostAddresses: HostAddresses,
  ): Generator<unknown> {
    const isSameHost = isDeepStrictEqual(hostAddresses, this.#hostAddresses);
    for (const [id, container] of containers) {
      const before = this.#results.get(id);
      const owner = networkOwner(container, containers);
      if (before?.container === container && before.owner === owner && isSameHost) {
        yield results.set(id, before);
        continue;
      }
      const inUse = addressesInUse(before, container);
      const parts: Discovered<Check>[] = [];
      for (const part of this.#read(container, hostAddresses, { owner, inUse }))
        yield parts.push(part);
      results.set(id, { container, owner, ...keepIdentity(before, concat(parts)) });
    }
  }

  /**
   * All instances, in order of the start of their containers. Of duplicates the oldest counts, so that a new container
   * does not displace a running one.
   */
  discovered(): Discovered<Check> {
    const results = [...this.#results.values()].sort(byStartTime);
    const { all, excess } = withinLimit(results.flatMap(({ found }) => found));
    const { instances, repeated } = distinct(all.map(({ instance }) => instance));
    const unique = new Set(instances);
    return {
      found: repeated.length === 0 ? all : all.filter(({ instance }) => unique.has(instance)),
      quarantined: [
        ...results.flatMap(({ quarantined }) => quarantined),
        ...repeated.map(
          ({ service, id, name, port }): QuarantinedItem => ({
            what: `container ${name}, advertised port ${port}`,
            why: `another container is registered as ${service}/${id}: give one of them an id of its own`,
          }),
        ),
        ...excess.map(
          ({ instance: { name, port } }): QuarantinedItem => ({
            what: `container ${name}, advertised port ${port}`,
            why: `the labels of older containers ask for ${maxChecks} checks already`,
          }),
        ),
      ],
    };
  }
}

/** The addresses of the instances of a container, if it is the same run. */
function addressesInUse<Check>(
  before: ContainerResult<Check> | undefined,
  { startedMs }: Container,
): ReadonlySet<string> {
  const isSameRun = before?.container.startedMs === startedMs;
  return new Set(isSameRun ? before.found.map(({ instance }) => instance.host) : []);
}

/** Separates the instances with checks beyond the limit for all containers. */
function withinLimit<Check>(found: readonly FoundInstance<Check>[]): {
  readonly all: readonly FoundInstance<Check>[];
  readonly excess: readonly FoundInstance<Check>[];
} {
  let count = 0;
  const end = found.findIndex(({ checks }) => {
    count += checks.length;
    return count > maxChecks;
  });
  if (end < 0) return { all: found, excess: [] };
  const isKept = ({ checks }: FoundInstance<Check>, i: number) => i < end || checks.length === 0;
  return {
    all: found.filter(isKept),
    excess: found.filter((one, i) => !isKept(one, i)),
  };
}

function byStartTime<Check>(
  { container: a }: ContainerResult<Check>,
  { container: b }: ContainerResult<Check>,
): number {
  return a.startedMs - b.startedMs || (a.name < b.name ? -1 : 1);
}

/** The result after a change, with the existing objects wherever they are equal. */
function keepIdentity<Check>(
  before: Discovered<Check> | undefined,
  after: Discovered<Check>,
): Discovered<Check> {
  // In reverse order, so that of duplicates the first one counts.
  const knownByName = new Map(before?.found.toReversed().map((one) => [keyOf(one), one]));
  const found = after.found.map((one): FoundInstance<Check> => {
    const known = knownByName.get(keyOf(one));
    if (!known || isDeepStrictEqual(known, one)) return known ?? one;
    return {
      instance: keepIfEqual(known.instance, one.instance),
      checks: keepIfEqual(known.checks, one.checks),
      standing: keepIfEqual(known.standing, one.standing),
      ...(one.run !== undefined && { run: one.run }),
    };
  });
  return { found, quarantined: after.quarantined };
}

function keyOf({ instance: { service, id } }: FoundInstance): string {
  return `${service}/${id}`;
}

function keepIfEqual<T>(before: T, after: T): T {
  return isDeepStrictEqual(before, after) ? before : after;
}
