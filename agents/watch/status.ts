import type { Clock } from "../../lib/base/clock.ts";
import type { SnapshotCache } from "../../lib/keyspace/snapshot-cache.ts";
import type { TemplateFacts } from "../../lib/status/contract.ts";
import { Liveness } from "../../lib/status/liveness.ts";
import type { AgentFacts } from "../status.ts";
import type { TemplateGroup } from "./groups.ts";
import type { WatchState } from "./state.ts";

/** How long a reconciliation may take beside the commands that it runs, in milliseconds. */
const graceMs = 60_000;

/** The state of one group, for status. */
export class GroupStatus {
  readonly loop: Liveness;
  readonly group: TemplateGroup;
  #revision: string | undefined;

  constructor(group: TemplateGroup, clock: Clock) {
    this.group = group;
    this.loop = new Liveness(group.title, clock);
  }

  /** A reconciliation begins: it may take as long as all its commands may, and some time for the rest. */
  begin(): void {
    const limits = this.group.files.map(({ plan }) => [
      plan.target.check?.timeout ?? 0,
      plan.proxy?.timeout ?? 0,
    ]);
    this.loop.deadline(limits.flat().reduce((sum, ms) => sum + ms, graceMs));
  }

  /** The reconciliation is put off for `ms` milliseconds. */
  deferred(ms: number): void {
    this.loop.deadline(ms + graceMs);
  }

  /** The files, and the proxy that reads them, are verified to be in sync with this revision of the keyspace. */
  verified(revision: string): void {
    this.#revision = revision;
  }

  facts(): readonly TemplateFacts[] {
    const loop = this.loop.facts();
    return this.group.files.map(({ plan }) => ({
      target: plan.target.path,
      revision: this.#revision,
      loop,
    }));
  }
}

/** The loop that follows the keyspace, which has to reach it soon. */
export function keyspaceLoop(clock: Clock): Liveness {
  const loop = new Liveness("following the keyspace", clock);
  loop.deadline();
  return loop;
}

/** The loop that resolves host names; it has nothing to do until there are some. */
export function namesLoop(clock: Clock): Liveness {
  const loop = new Liveness("resolving host names", clock);
  loop.succeed();
  return loop;
}

/** What status reports of a watcher. */
export function watchFacts(
  statuses: readonly GroupStatus[],
  { following, resolving }: { readonly following: Liveness; readonly resolving: Liveness },
  { views, nameView }: Pick<WatchState, "views" | "nameView">,
  cache: SnapshotCache,
): AgentFacts {
  const rejected = statuses.flatMap(({ group: { quarantine, unrenderable } }) => [
    ...quarantine.quarantined,
    ...unrenderable.quarantined,
  ]);
  return {
    loops: [following, resolving, ...statuses.map(({ loop }) => loop)].map((loop) => loop.facts()),
    keyspaceLoops: [following.facts()],
    watch: {
      templates: statuses.flatMap((status) => status.facts()),
      quarantined: [...views.quarantined, ...nameView.quarantined, ...rejected],
      retained: views.retained,
      cachedSnapshot: cache.standingIn,
    },
  };
}
