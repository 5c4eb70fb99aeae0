/** What one reconciliation came to for one proxy: for the files that it reads, or for a file without a proxy. */
export interface Generation {
  /** 1, 2, 3 …: of all groups of a watcher together, and on from the last number of the process before. */
  readonly n: number;
  /** When the reconciliation ended: ISO 8601, UTC. */
  readonly at: string;
  /** The names of the templates: `haproxy.cfg, map.txt`. */
  readonly group: string;
  readonly how: How;
  /** The change of the proxy, as the log has it: `adjusted (2 servers)`. */
  readonly detail?: string;
  /** The files with the texts that were rendered, in the order of the configuration; empty if none could be rendered. */
  readonly files: readonly GenerationFile[];
  /** The generation with the texts that these replace, or were to replace; absent in the first one of a process. */
  readonly before?: number;
  /** The revision of the keyspace that the texts were rendered from. */
  readonly revision: string;
  readonly cause: Cause;
  readonly stages: Stages;
  /** Why the files or the proxy were not changed; only with `refused` and `failed`. */
  readonly refused?: Refusal;
  /** The entries that were found to be the reason of a refusal, and without which the files were applied then. */
  readonly quarantined?: readonly QuarantinedKey[];
}

/**
 * `same`: the proxy serves these texts already; `written`: no proxy reads the files, or it does not have to be changed;
 * `adjusted`: at run time, also ahead of the files; `deferred`: too soon for another reload; `refused`: a check command or the proxy rejected the texts; `failed`: any other
 * fault. The others are those of `Applied` in lib/proxy.
 */
export type How = (typeof hows)[number];

export const hows = [
  ...(["same", "adjusted", "reloaded", "ran", "written"] as const),
  ...(["deferred", "refused", "failed"] as const),
] as const;

export interface GenerationFile {
  readonly target: string;
  /** Of the text, in hexadecimal. */
  readonly sha256: string;
}

/** Why a generation differs from the one before of the same group. */
export interface Cause {
  /** At most 20 of the changed keys that the texts depend on, in key order. */
  readonly keys: readonly KeyChange[];
  /** How many more there are. */
  readonly more: number;
  /** What else was a reason to reconcile, or the only one. */
  readonly reasons: readonly Reason[];
}

/** A key whose entry is another one than in the last verified generation. */
export interface KeyChange {
  readonly key: string;
  /** `quarantined`: the keyspace has the entry, and the files are made without it. */
  readonly op: "put" | "gone" | "quarantined";
  /** Of the entry; of a key that is gone, the revision at which it was missing. */
  readonly revision: string;
  /** The session that keeps the entry, or kept it. */
  readonly owner?: string;
  /** The values, secrets masked and cut; absent if there was or is no entry. */
  readonly before?: string;
  readonly after?: string;
}

/**
 * `start`: the first generation of a process; `template`: one was edited; `expired`: retained instances were given up;
 * `names`: host names have other addresses; `drift`: something else had changed a file or the proxy; `retry`: asked for, the
 * proxy is back, or the cause of a failure has changed; `policy`: new instances are to get another share of the requests, or watchers have
 * come or gone; `pin`, `unpin`: the texts of a generation were pinned, or no longer are; `due`: a refresh, a quarantined entry or a retry was due.
 */
export type Reason =
  | ("start" | "template" | "expired" | "names" | "drift")
  | ("retry" | "policy" | "pin" | "unpin" | "due");

/** Milliseconds since the change was seen, for each stage that was reached (a proxy may be verified ahead of its files); `began` is the wait before (debounce). */
export interface Stages {
  readonly began: number;
  readonly rendered?: number;
  /** The last check command has accepted its file. */
  readonly checked?: number;
  readonly installed?: number;
  readonly verified?: number;
  /** The reconciliation has ended, however it did. */
  readonly ended: number;
}

export interface Refusal {
  /** The code of the fault. */
  readonly code: string;
  /** The words of the program that refused, secrets masked. */
  readonly message: string;
  /** The keys that these point at, if any. */
  readonly keys: readonly string[];
}

export interface QuarantinedKey {
  readonly key: string;
  readonly revision: string;
  readonly why: string;
}

/** One reconciliation, for those that follow the journal. */
export interface Fact {
  /** 1, 2, 3 …, without a gap, since the start of the process. */
  readonly seq: number;
  /** `same`, and what repeats the generation before, has the number of that one. */
  readonly generation: Generation;
  /** It is not a generation of its own: the proxy serves the texts already, or the same was refused or deferred again. */
  readonly isRepeated: boolean;
}

/** The facts after a sequence number. */
export interface Facts {
  readonly facts: readonly Fact[];
  /** How many facts before them are no longer kept. */
  readonly missed: number;
}

/** A generation without its number, with what decides whether its texts are kept. */
export interface Draft extends Omit<Generation, "n" | "at" | "files"> {
  /** The rendered texts by target, in the order of the configuration; empty if there are none. */
  readonly texts: ReadonlyMap<string, string>;
  /** The texts of the last verified generation by target; undefined if they are unknown. */
  readonly textsBefore: ReadonlyMap<string, string> | undefined;
}

/** What can be asked of a journal, of a running agent or of its files. */
export interface JournalReader {
  /** The latest generations, the latest last. */
  history(query: HistoryQuery): Promise<History>;
  /** The kept texts of a generation. Throws JOURNAL_NO_GENERATION. */
  texts(n: number): Promise<GenerationTexts>;
}

export interface HistoryQuery {
  /** Only those of this file, by its path or the end of it; all if absent. */
  readonly target?: string | undefined;
  /** How many at the most. */
  readonly limit: number;
}

export interface History {
  readonly generations: readonly Generation[];
}

export interface GenerationTexts {
  readonly generation: Generation;
  /** The one whose texts these replace, or were to replace; undefined if the journal does not have it. */
  readonly before: number | undefined;
  /** By target; null for a text that was not kept. */
  readonly texts: Readonly<Record<string, string | null>>;
}
