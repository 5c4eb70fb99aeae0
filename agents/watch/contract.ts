import type { Service } from "../../lib/base/run-until.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { FileOperations } from "../../lib/control/contract.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { AgentFacts } from "../status.ts";
import type { WatchParts } from "./explain/parts.ts";
import type { TemplateGroup } from "./groups.ts";

export interface WatcherSettings {
  /** The file of the snapshot cache; false if it is disabled. */
  readonly cachePath: string | false;
  /** Distinguishes this watcher from all others of the keyspace. */
  readonly id: string;
}

/** Keeps files, and the proxies that read them, in sync with the keyspace. */
export interface Watch extends Service, FileOperations {
  status(): AgentFacts;
  /** The services as templates see them. */
  services(): Pools;
  readonly parts: WatchParts;
  readonly id: string;
  /** What reconciliations came to. */
  readonly journal: Journal;
  /**
   * Goes on with another plan, and other keyspaces. Of the groups, which are all that the plan has, those that it has already go on as
   * they are; the files of groups that it does not have any longer stay as they are.
   */
  replacePlan(next: WatchPlan, groups: readonly TemplateGroup[], mounts: Mounts): Promise<void>;
}
