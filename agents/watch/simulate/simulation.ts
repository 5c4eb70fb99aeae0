import type { Foreseen } from "../../../lib/proxy/contract.ts";
import type { RetainedService } from "../../../lib/view/views.ts";

/** What a watcher would do if the keyspace had other entries. */
export interface Simulation {
  /** The revision of the entries before. */
  readonly revision: string;
  readonly verdict: Verdict;
  readonly changes: readonly SimulatedChange[];
  /** By proxy, and each file without one. */
  readonly groups: readonly SimulatedGroup[];
  /** The services of which the mass-loss guard would retain instances. */
  readonly retained: readonly SimulatedRetention[];
  readonly quarantined: readonly SimulatedQuarantine[];
}

/**
 * `refused`: a template cannot be rendered, or a check command refuses a text; `in part`: instances are retained, or entries are
 * quarantined that were not before.
 */
export type Verdict = "accepted" | "accepted in part" | "refused";

export interface SimulatedChange {
  readonly key: string;
  readonly op: "put" | "gone";
  /** Whether it had an entry before. */
  readonly wasThere: boolean;
  /** Whether it is in a folder that a template may read. */
  readonly isReadable: boolean;
}

export interface SimulatedGroup {
  /** The names of the templates. */
  readonly title: string;
  /** In the order of the configuration; empty if one cannot be rendered. */
  readonly files: readonly SimulatedFile[];
  /** Absent without a proxy, and if a file cannot be rendered. */
  readonly proxy?: SimulatedProxy;
  readonly check: SimulatedCheck;
  /** Hides the secrets in a text that is made from one of the files. */
  readonly hide: (text: string) => string;
}

export interface SimulatedFile {
  readonly target: string;
  readonly before: string;
  readonly after: string;
}

export interface SimulatedProxy {
  readonly title: string;
  readonly change: Foreseen | { readonly how: "unchanged" };
}

export interface SimulatedCheck {
  /** `not run`: the texts are the same, there is no check command, or it cannot be run here. */
  readonly result: "accepted" | "refused" | "not run";
  /** The words of the refusal, or why it was not run; empty if it was accepted. */
  readonly why: string;
  /** The entries that a refusal points at. */
  readonly keys: readonly string[];
  /** The text before is refused as well. */
  readonly wasRefused: boolean;
}

export interface SimulatedRetention extends Pick<RetainedService, "service" | "retained" | "live"> {
  /** How long, in milliseconds; absent if it is until there are others. */
  readonly forMs?: number;
}

export interface SimulatedQuarantine {
  readonly key: string;
  readonly why: string;
  /** It was not quarantined before. */
  readonly isNew: boolean;
}
