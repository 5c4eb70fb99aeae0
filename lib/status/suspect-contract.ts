import type { Suspect } from "../model/suspects-entry.ts";

/** The watchers whose proxies fail to use an instance. */
export interface ReportStatus {
  readonly failing: number;
  /** How many watchers use it. */
  readonly of: number;
  /** What they have against it, as a clause that names them, the address that they use, and what the instance's own checks ask. */
  readonly why: string;
  readonly since: string;
}

/** An instance that a proxy fails to use, while it uses others. */
export interface SuspectStatus extends Suspect {
  /** Its path. */
  readonly key: string;
  /** The title of the proxy. */
  readonly by: string;
  readonly since: string;
}
