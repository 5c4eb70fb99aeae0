import { type Json, objectOf } from "./formats/json.ts";

/** The worst first. */
export const fileStates = ["proxy down", "failing", "out of sync", "unknown", "in sync"] as const;

export type FileState = (typeof fileStates)[number];

/** A file of a watcher. Its entry is written at most every 5 seconds, so that this may be that old. */
export interface WatcherFile {
  readonly target: string;
  readonly state: FileState;
  /** The number of its last generation in that watcher's journal; 0 before the first one. */
  readonly generation: number;
  /** The revision of the keyspace with which it was verified when the entry was written; absent where it never was. */
  readonly revision?: string;
  /** The first 12 digits of the SHA-256 of the text that is in sync; absent where there is none. */
  readonly digest?: string;
  /** The entry that its proxy or a check refused: `<key>@<revision>`; absent where none is known. */
  readonly refused?: string;
  /** Further such entries, at most 9; absent where there are none. */
  readonly refusedToo?: readonly string[];
  /** The first 12 digits of a digest of its templates and checks; absent for a watcher that takes no turns with others. */
  readonly judge?: string;
}

/** The files in the entry of a watcher. */
export interface WatcherFiles {
  /** In the order of the configuration. */
  readonly files: readonly WatcherFile[];
  /** How many files the entry has no room for, by state; absent where it has all. */
  readonly more?: Readonly<Partial<Record<FileState, number>>>;
}

/** An entry has at most so many files, and so many bytes of them: a watcher may have thousands. */
const [mostFiles, mostBytes] = [40, 12_000];

/** So many refused entries beside the first one. */
export const mostRefusedToo = 9;

/** A longer name of a refused entry is cut, in characters. */
const longestRefused = 300;

/**
 * The files that an entry has room for: the ones that need attention first, and the others in the order of the configuration. A
 * change of one that is only counted does not change the entry, unless its state does.
 */
export function filesWithinLimits(all: readonly WatcherFile[]): WatcherFiles {
  const cut = all.map(withShortRefusal);
  const worstFirst = fileStates.flatMap((state) => cut.filter((one) => one.state === state));
  const kept = new Set<WatcherFile>();
  let bytes = 0;
  for (const file of worstFirst) {
    const size = Buffer.byteLength(JSON.stringify(file)) + 1;
    if (kept.size === mostFiles) break;
    if (bytes + size > mostBytes) continue;
    bytes += size;
    kept.add(file);
  }
  const rest = Map.groupBy(
    cut.filter((file) => !kept.has(file)),
    ({ state }) => state,
  );
  const more = Object.fromEntries(Array.from(rest, ([state, files]) => [state, files.length]));
  return { files: cut.filter((file) => kept.has(file)), ...(rest.size > 0 && { more }) };
}

function withShortRefusal(file: WatcherFile): WatcherFile {
  const { refused = "", refusedToo = [] } = file;
  if ([refused, ...refusedToo].every(({ length }) => length <= longestRefused)) return file;
  const short = refusedToo.filter(({ length }) => length <= longestRefused);
  const cut = refused.length > longestRefused ? `…${refused.slice(-longestRefused)}` : refused;
  return { ...file, refused: cut, ...(short.length > 0 && { refusedToo: short }) };
}

/** The files in the value of an entry; undefined for a watcher of an older version. What does not have their form is left out. */
export function watcherFilesIn({ files, more }: Json): WatcherFiles | undefined {
  if (!Array.isArray(files)) return undefined;
  const counts = fileStates.flatMap((state) => {
    const count = objectOf(more)?.[state];
    return isCount(count) && count > 0 ? [[state, count] as const] : [];
  });
  return {
    files: files.slice(0, mostFiles).flatMap(fileIn),
    ...(counts.length > 0 && { more: Object.fromEntries(counts) }),
  };
}

function fileIn(value: unknown): readonly WatcherFile[] {
  const { target, state, generation, revision, digest, refused, refusedToo, judge } =
    objectOf(value) ?? {};
  if (typeof target !== "string") return [];
  const file = {
    target,
    state: fileStates.find((one) => one === state) ?? "unknown",
    generation: isCount(generation) ? generation : 0,
    ...(typeof revision === "string" && { revision }),
    ...(typeof digest === "string" && /^[0-9a-f]{12}$/.test(digest) && { digest }),
    ...(typeof refused === "string" && { refused }),
    ...(Array.isArray(refusedToo) && {
      refusedToo: refusedToo.filter(isText).slice(0, mostRefusedToo),
    }),
    ...(typeof judge === "string" && { judge }),
  };
  return [file];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
