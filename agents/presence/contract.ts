import type { Cell } from "../../lib/base/cell.ts";
import type { Service } from "../../lib/base/run-until.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { InstanceOperations } from "../../lib/control/contract.ts";
import type { Candidates } from "../../lib/destination/decide.ts";
import type { Keyspace } from "../../lib/keyspace/contract.ts";
import type { AgentFacts } from "../status.ts";

/** Checks the instances of this machine and keeps the healthy ones registered. */
export interface Presence extends Service {
  status(): AgentFacts;
  readonly operations: InstanceOperations;
  /** The path of the entry of one of its instances, by name; undefined for any other instance. */
  pathOf(name: string): string | undefined;
  /** What its instances should be in destinations. */
  readonly candidates: readonly Cell<Candidates>[];
}

/** A presence agent for one keyspace. */
export interface PresencePart extends Presence {
  /** Goes on with another plan, and with another keyspace if that differs: instances that are in both plans stay registered. */
  replacePlan(next: PresencePlan, keyspace: Keyspace): void;
}
