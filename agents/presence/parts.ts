import { Cell } from "../../lib/base/cell.ts";
import { runEach } from "../../lib/base/run-each.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { requestedPathIn } from "../../lib/status/paths.ts";
import { createPresence } from "./agent.ts";
import { type PresencePart as PartPlan, partsByKeyspace } from "./by-keyspace.ts";
import type { Presence, PresencePart } from "./contract.ts";
import { openRequested } from "./requested.ts";
import { joined } from "./several.ts";
import type { PresenceDeps } from "./state.ts";

/** The agent of the keyspace that is mounted at a folder. */
interface Part {
  readonly folder: string;
  readonly agent: PresencePart;
}

/** A presence agent, made of one for each keyspace. */
export interface Presences extends Presence {
  /**
   * Goes on with another plan, and other keyspaces: each agent with the part for its folder. One without a part drains its
   * instances and ends.
   */
  replacePlan(plan: PresencePlan, mounts: Mounts): Promise<void>;
  /** The folders whose keyspaces have entries of a plan. */
  readonly folders: readonly string[];
}

/** `path` is the file of the drains and weights that were requested; undefined if there is none. */
export async function createPresences(
  first: PresencePlan,
  path: string | undefined,
  deps: Omit<PresenceDeps, "keyspace"> & { readonly mounts: Mounts },
): Promise<Presences> {
  const create = async ({ mount: { folder, keyspace }, plan }: PartPlan): Promise<Part> => {
    const file = await openRequested(path && requestedPathIn(path, folder), deps);
    return { folder, agent: createPresence(plan, { ...deps, keyspace }, file, folder) };
  };
  const parts = new Cell<readonly Part[]>(
    await Promise.all(partsByKeyspace(first, deps.mounts).map(create)),
  );
  const all = () => joined(parts.value.map(({ agent }) => agent));
  return {
    run: (signal) => runEach(parts, ({ agent }, s) => agent.run(s), signal),
    replacePlan: async (plan, mounts) => {
      const next = partsByKeyspace(plan, mounts);
      const known = new Map(parts.value.map((part) => [part.folder, part]));
      const replaced = await Promise.all(
        next.map(async (part) => {
          const before = known.get(part.mount.folder);
          before?.agent.replacePlan(part.plan, part.mount.keyspace);
          return before ?? (await create(part));
        }),
      );
      parts.set(replaced);
    },
    get folders() {
      return parts.value.map(({ folder }) => folder);
    },
    get candidates() {
      return all().candidates;
    },
    get operations() {
      return all().operations;
    },
    pathOf: (name) => all().pathOf(name),
    status: () => all().status(),
  };
}
