import { type FolderRanges, type Range, rangesOf } from "./ranges.ts";

/** How the keys of a keyspace, each of which begins with a slash, are spelled in etcd. */
export interface StoredKeys {
  readonly keyOf: (stored: string) => string;
  readonly storedOf: (key: string) => string;
  /** The ranges of the prefixes' folders in etcd; several for the root, if its keys are not one range. */
  readonly rangesOf: (prefixes: readonly string[]) => readonly FolderRanges[];
}

/** As they are. Keys that do not begin with a slash are not seen. */
export const asTheyAre: StoredKeys = { keyOf: same, storedOf: same, rangesOf };

/** Without the slash: `/services/web/a` is `services/web/a` in etcd. Keys that begin with a slash there are not seen. */
export const withoutSlash: StoredKeys = {
  keyOf: (stored) => `/${stored}`,
  storedOf: (key) => key.slice(1),
  rangesOf: (prefixes) =>
    rangesOf(prefixes).flatMap(({ folder }): readonly FolderRanges[] => {
      const [itself, below] = slashlessRanges(folder.slice(1));
      if (itself && below && folder !== "") return [{ folder, itself, below }];
      return allSlashless.map((below) => ({ folder, itself: undefined, below }));
    }),
};

function same(key: string): string {
  return key;
}

const [slash, afterSlash] = ["/", "0"];

/** As the end of a range: there is none. As a key: the first one. */
const zero = Buffer.of(0);

/** The keys before and after those that begin with a slash. */
const allSlashless: readonly Range[] = [
  { key: zero, range_end: Buffer.from(slash) },
  { key: Buffer.from(afterSlash), range_end: zero },
];

/** The ranges of a folder such as `services` in etcd: itself, and all below it. For the empty string, all keys without a slash. */
export function slashlessRanges(folder: string): readonly Range[] {
  if (folder === "") return allSlashless;
  const [from, to] = [`${folder}${slash}`, `${folder}${afterSlash}`];
  return [{ key: Buffer.from(folder) }, { key: Buffer.from(from), range_end: Buffer.from(to) }];
}
