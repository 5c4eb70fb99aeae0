import type { WatcherFile } from "../model/watcher-file.ts";
import type { InstanceStatus, TemplateStatus } from "../status/contract.ts";

/** Why an instance gets traffic or not: plain data, the answer of `/explain`. Times are ISO 8601 in UTC. */
export interface Explanation {
  /** `web/10.0.0.1:80`, or the key of an entry that is no instance. */
  readonly name: string;
  readonly at: string;
  readonly verdict: Verdict;
  /** Why the verdict is that, as a clause. */
  readonly why: string;
  readonly entry: ExplainedEntry;
  /** Absent if no presence agent of this process has the instance. */
  readonly presence?: InstanceStatus;
  /** What the view makes of the entry, for each service that it belongs to; empty if no watcher runs. */
  readonly views: readonly ExplainedView[];
  /** The files of this process, in the order of the configuration. */
  readonly files: readonly ExplainedFile[];
  /** The watchers of the keyspace, this one first. */
  readonly watchers: readonly ExplainedWatcher[];
  /** Why the keyspace could not be asked now; absent if it answered. */
  readonly unread?: string;
  /** What the name may have been meant to be; empty if something is known of it. */
  readonly similar: readonly string[];
}

/** `used` and `unused` are the verdicts on an entry that is no instance, but a setting. */
export type Verdict = "gets traffic" | "gets no traffic" | "used" | "unused" | "unknown";

export interface ExplainedEntry {
  /** Where it is, or would be. */
  readonly key: string;
  /** The keyspace has it, as far as is known. */
  readonly isThere: boolean;
  readonly revision?: string;
  /** The session that keeps it; absent if none does. */
  readonly owner?: string;
  /** When a file was first made with this revision; absent if that is not known. */
  readonly since?: string;
  /** Other keys of instances with the same name. */
  readonly others: readonly string[];
}

export interface ExplainedView {
  /** Absent for an entry that belongs to no service. */
  readonly service?: string;
  readonly state: ViewState;
  /** Absent unless templates get the instance. */
  readonly weight?: number;
  /** A clause; empty for an instance that is listed. */
  readonly why: string;
  readonly since?: string;
  /** Until when it is retained; absent if it is until there are others. */
  readonly until?: string;
  /** The entry that is served in its place. */
  readonly insteadKey?: string;
}

export type ViewState =
  | "listed"
  | "draining"
  | "retained"
  | "quarantined"
  | "not served"
  | "no instance"
  | "absent";

/** `listed`: the text was made with it. `waiting`: it is not made of the latest entry yet. */
export type FileUse =
  | "serving"
  | "draining"
  | "quarantined"
  | "waiting"
  | "absent"
  | "not read"
  | "used"
  | "unknown";

export interface ExplainedFile {
  readonly status: TemplateStatus;
  readonly use: FileUse;
  /** The weight with which it is served. */
  readonly weight?: number;
  /** The weight that it would have without policies, on the same scale; absent if no policy has set its weight. */
  readonly fullWeight?: number;
  /** A clause; empty if there is nothing to add. */
  readonly why: string;
  readonly since?: string;
  readonly lines: ExplainedLines;
  /** Clauses about the file and its text: another text on the disk, a proxy that is ahead. */
  readonly notes: readonly string[];
  /** Absent if no proxy reads the file. */
  readonly proxy?: ExplainedProxy;
}

/** The lines of the text in sync that come from an entry. */
export interface ExplainedLines {
  /** The first of them; numbers count from 1. */
  readonly shown: readonly ExplainedLine[];
  /** How many more there are. */
  readonly more: number;
  /** They were found by rendering without the entry; if not, they contain its address. */
  readonly isExact: boolean;
}

export interface ExplainedLine {
  readonly number: number;
  /** Secrets are masked. */
  readonly text: string;
}

export interface ExplainedProxy {
  readonly title: string;
  /** Whether it was verified to run with the text, or only reloaded by a command. */
  readonly isVerified: boolean;
  /** The last generation of its files; absent if the journal has none in memory. */
  readonly generation?: ExplainedGeneration;
}

export interface ExplainedGeneration {
  readonly n: number;
  readonly at: string;
  /** `adjusted (1 server)`, `refused` */
  readonly how: string;
}

/** Another watcher of the keyspace, or this one. */
export interface ExplainedWatcher {
  readonly id: string;
  readonly isSelf: boolean;
  /** Its files depend on the folder of the entry. */
  readonly reads: boolean;
  /** Its proxies were verified to send no new requests to the entry at this revision; absent unless it is draining. */
  readonly acknowledged?: boolean;
  /** It has answered an agent that its proxies send requests to the instance; absent if it was not asked. */
  readonly serving?: boolean;
  /** Its files, if they depend on the folder; absent for a watcher of an older version. */
  readonly files?: readonly WatcherFile[];
}

/** The keys that a line of a rendered file depends on: the answer of `/explain` for a line. */
export interface LineExplanation {
  readonly target: string;
  readonly number: number;
  /** Of the file on the disk, secrets masked. */
  readonly text: string;
  /** Without any of these the line would be another one, or absent; in key order. */
  readonly keys: readonly LineKey[];
  /** Every key that the file reads was tried, alone or in a group that does not matter; if not, there may be more. */
  readonly isComplete: boolean;
  /** Clauses: another text on the disk, a proxy that is ahead, a line that follows from the whole text. */
  readonly notes: readonly string[];
  readonly status: TemplateStatus;
}

export interface LineKey {
  readonly key: string;
  readonly revision: string;
  /** The file cannot be rendered without it, and the line changes with its value. */
  readonly isRequired: boolean;
}
