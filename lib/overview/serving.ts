import { basename } from "node:path";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { TemplateStatus } from "../status/contract.ts";
import type { Weighting, Weightings } from "../view/policies/contract.ts";
import { describeShare } from "../view/policies/describe.ts";
import type { InstanceState } from "./contract.ts";
import type { FileUse } from "./explanation.ts";
import { whyNotApplied } from "./not-applied.ts";

/** Files that one proxy reads, or a file without one: how far they have the services. */
export interface ServingGroup {
  readonly targets: readonly string[];
  /** The services that they were last verified to have; undefined if they never were. */
  readonly made: ReadonlyMap<string, Pool> | undefined;
  /** What policies came to for these. */
  readonly weightings?: Weightings | undefined;
  /** Whether their texts depend on a service. */
  readonly reads: (service: string) => boolean;
  /** What pinned texts do with an instance; absent unless they are pinned. */
  readonly pinned?: (instance: Pick<Endpoint, "key" | "service">) => PinnedUse;
}

interface PinnedUse {
  readonly use: FileUse;
  readonly why: string;
}

/** The statuses of the files, by target. */
export type Files = ReadonlyMap<string, TemplateStatus>;

/** What becomes of an instance: whether requests get to it, and why not, or not everywhere. */
export interface Served {
  readonly state: Extract<
    InstanceState,
    "serving" | "draining" | "standby" | "unknown" | "not served"
  >;
  readonly why: string;
}

/**
 * What the proxies make of the instances of a service, which its pool has now. Undefined if all that read it have exactly that: then
 * its pool is what is served.
 */
export class ServedPool {
  readonly #groups: readonly ServingGroup[];
  readonly #files: Files;
  readonly #service: string;

  private constructor(service: string, groups: readonly ServingGroup[], files: Files) {
    this.#service = service;
    this.#groups = groups;
    this.#files = files;
  }

  static of(
    service: string,
    pool: Pool | undefined,
    groups: readonly ServingGroup[],
    files: Files,
  ): ServedPool | undefined {
    const isBehind = (group: ServingGroup) =>
      group.pinned !== undefined ||
      group.made?.get(service) !== pool ||
      isDown(group, files) !== undefined;
    const behind = groups.filter((one) => isBehind(one) && one.reads(service));
    if (behind.length === 0) return undefined;
    const reading = groups.filter((one) => behind.includes(one) || one.reads(service));
    return new ServedPool(service, reading, files);
  }

  /** What becomes of one of its instances. */
  stateOf(endpoint: Endpoint): Served {
    const all = this.#groups.map((group) => this.#in(group, endpoint));
    const of = (state: Served["state"]) => all.find((one) => one.state === state);
    const best =
      of("serving") ?? of("draining") ?? of("unknown") ?? of("not served") ?? of("standby");
    if (!best) return { state: "serving", why: "" };
    const other = all.find((one) => one.state !== best.state);
    return best.state === "serving" && other ? { ...best, why: best.why || other.why } : best;
  }

  /** The instances that the pool does not have any longer, and that still get requests. */
  left(isKnown: (key: string) => boolean): readonly (Served & { readonly endpoint: Endpoint })[] {
    const left = this.#groups.flatMap((group) => {
      if (group.pinned || isDown(group, this.#files)) return [];
      const { instances = [] } = group.made?.get(this.#service) ?? {};
      const gone = instances.filter(({ key, weight }) => weight > 0 && !isKnown(key));
      const why = `its entry is gone, and ${this.#titleOf(group)} still has it: ${this.#pending(group)}`;
      return gone.map((endpoint) => ({ endpoint, state: "serving" as const, why }));
    });
    return [...new Map(left.map((one) => [one.endpoint.key, one])).values()];
  }

  #in(group: ServingGroup, endpoint: Endpoint): Served {
    const title = this.#titleOf(group);
    const down = isDown(group, this.#files);
    if (down) return { state: "not served", why: `the proxy of ${basename(down.target)} is down` };
    if (group.pinned) return pinnedState(group.pinned(endpoint), title);
    if (!group.made) {
      return { state: "unknown", why: `no text of ${title} was accepted since the start` };
    }
    const made = byKey(group.made.get(this.#service)).get(endpoint.key);
    const weighting = group.weightings?.get(this.#service)?.get(endpoint.key);
    if (weighting?.weight === 0 && endpoint.weight > 0) {
      return { state: "standby", why: `${title}: ${weighting.why}` };
    }
    if (!made) return { state: "not served", why: `not served yet: ${this.#pending(group)}` };
    const isLater = (weighting?.published ?? made.weight) !== endpoint.weight;
    const why = isLater
      ? `weight ${endpoint.weight} is not applied yet: ${this.#pending(group)}`
      : shareWords(weighting);
    if (made.weight > 0) return { state: "serving", why };
    return { state: "draining", why: why || "its entry has weight 0" };
  }

  #titleOf({ targets }: ServingGroup): string {
    return targets.map((target) => basename(target)).join(", ");
  }

  #pending(group: ServingGroup): string {
    const failing = group.targets
      .map((target) => this.#files.get(target))
      .find((status) => status?.fault !== undefined);
    return failing ? whyNotApplied(failing) : `${this.#titleOf(group)} is not written yet`;
  }
}

/** Why an instance gets less than its whole weight; empty if it does not. */
function shareWords(weighting: Weighting | undefined): string {
  return weighting && weighting.weight < weighting.full ? describeShare(weighting) : "";
}

function isDown({ targets }: ServingGroup, files: Files): TemplateStatus | undefined {
  return targets
    .map((target) => files.get(target))
    .find((status) => status?.state === "proxy down");
}

function pinnedState({ use, why }: PinnedUse, title: string): Served {
  if (use === "serving" || use === "draining") return { state: use, why };
  if (use === "absent") return { state: "not served", why: `${title}: ${why}` };
  return { state: "unknown", why };
}

/** Pools are replaced when they change. */
const indexed = new WeakMap<Pool, ReadonlyMap<string, Endpoint>>();

function byKey(pool: Pool | undefined): ReadonlyMap<string, Endpoint> {
  if (!pool) return new Map();
  const known = indexed.get(pool) ?? new Map(pool.instances.map((one) => [one.key, one]));
  indexed.set(pool, known);
  return known;
}
