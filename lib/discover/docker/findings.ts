import { isDeepStrictEqual } from "node:util";
import type { Container, Containers } from "../../clients/docker/contract.ts";
import type { Discovered, FoundInstance, QuarantinedItem } from "../contract.ts";
import { distinct } from "../distinct.ts";

/** What one container comes to, and what it was made of. */
interface Part<Check> extends Discovered<Check> {
  readonly container: Container;
}

/** What a container comes to on a machine that others reach at an address, if one is known. */
export type Read<Check> = (
  container: Container,
  hostAddress: string | undefined,
) => Discovered<Check>;

/** Joins what each container comes to. Only containers that have changed are read again. */
export class Findings<Check> {
  readonly #read: Read<Check>;
  readonly #hostAddress: string | undefined;
  readonly #parts: ReadonlyMap<string, Part<Check>>;

  constructor(
    read: Read<Check>,
    hostAddress?: string,
    parts: ReadonlyMap<string, Part<Check>> = new Map(),
  ) {
    this.#read = read;
    this.#hostAddress = hostAddress;
    this.#parts = parts;
  }

  /** The findings after a change. Whoever is the same as before is the same object. */
  after(containers: Containers, hostAddress: string | undefined): Findings<Check> {
    const parts = new Map<string, Part<Check>>();
    for (const [id, container] of containers) {
      const before = this.#parts.get(id);
      const isSame = before?.container === container && hostAddress === this.#hostAddress;
      const part = () => kept(before, this.#read(container, hostAddress));
      parts.set(id, isSame ? before : { container, ...part() });
    }
    return new Findings(this.#read, hostAddress, parts);
  }

  /**
   * All of them, those first that run for longest. Of two that go by the same service and id that one counts, so
   * that a newcomer does not push out whoever is there.
   */
  discovered(): Discovered<Check> {
    const parts = [...this.#parts.values()].sort(bySeniority);
    const all = parts.flatMap(({ found }) => found);
    const { instances, repeated } = distinct(all.map(({ instance }) => instance));
    const clear = new Set(instances);
    return {
      found: repeated.length === 0 ? all : all.filter(({ instance }) => clear.has(instance)),
      quarantined: [
        ...parts.flatMap(({ quarantined }) => quarantined),
        ...repeated.map(
          ({ service, id, name, port }): QuarantinedItem => ({
            what: `container ${name}, announced port ${port}`,
            why: `another container is ${service}/${id} already: give one of them an id of its own`,
          }),
        ),
      ],
    };
  }
}

function bySeniority<Check>({ container: a }: Part<Check>, { container: b }: Part<Check>): number {
  return a.startedMs - b.startedMs || (a.name < b.name ? -1 : 1);
}

/** What was found, by the objects that it was found as before wherever they say the same. */
function kept<Check>(
  before: Discovered<Check> | undefined,
  after: Discovered<Check>,
): Discovered<Check> {
  const found = after.found.map((one): FoundInstance<Check> => {
    const known = before?.found.find(
      ({ instance }) =>
        instance.service === one.instance.service && instance.id === one.instance.id,
    );
    if (!known || isDeepStrictEqual(known, one)) return known ?? one;
    return {
      instance: same(known.instance, one.instance),
      checks: same(known.checks, one.checks),
      standing: same(known.standing, one.standing),
    };
  });
  return { found, quarantined: after.quarantined };
}

function same<T>(before: T, after: T): T {
  return isDeepStrictEqual(before, after) ? before : after;
}
