import { systemCode } from "../base/fault.ts";
import { isNamed } from "../base/named-path.ts";
import type {
  Generation,
  GenerationTexts,
  History,
  HistoryQuery,
  JournalReader,
} from "./contract.ts";
import { faults } from "./faults.ts";
import { readKeptText } from "./kept-texts.ts";
import { parseLine, readLineTexts } from "./lines.ts";
import { isLasting } from "./rules.ts";

/** Older generations are not shown, in milliseconds. */
const mostMs = 7 * 24 * 3_600_000;

/** The folder of the journal beside a snapshot cache; false without a cache. */
export function journalFolder(cachePath: string | false): string | false {
  return cachePath && `${cachePath}.journal`;
}

/** Reads the files of a journal, whether a process writes them or not. Its functions throw JOURNAL_UNREADABLE. */
export function readerOf(folder: string, nowMs: () => number): JournalReader {
  const all = () =>
    readable(folder, async () => {
      const lines = (await readLineTexts(folder)).flatMap((text) => parseLine(text) ?? []);
      const oldestMs = nowMs() - mostMs;
      return lines
        .map(({ generation }) => generation)
        .filter(({ at }) => Date.parse(at) >= oldestMs);
    });
  const textOf = (sha256: string) => readable(folder, () => readKeptText(folder, sha256));
  return {
    history: async (query) => selected(await all(), query),
    texts: async (n) => await textsOf(n, await all(), textOf),
  };
}

/** The latest of the generations that a query selects. */
export function selected(
  generations: readonly Generation[],
  { target, limit }: HistoryQuery,
): History {
  const isSelected = ({ files, group }: Generation) =>
    target === undefined ||
    group.split(", ").includes(target) ||
    files.some((one) => isNamed(one.target, target));
  return { generations: limit === 0 ? [] : generations.filter(isSelected).slice(-limit) };
}

/** The texts of a generation. Throws JOURNAL_NO_GENERATION. */
export async function textsOf(
  n: number,
  all: readonly Generation[],
  textOf: (sha256: string) => Promise<string | undefined>,
): Promise<GenerationTexts> {
  const at = all.findIndex((one) => one.n === n);
  const generation = all[at];
  if (!generation) throw faults.JOURNAL_NO_GENERATION({ n, latest: all.at(-1)?.n });
  const wasServed = (one: Generation) => one.group === generation.group && !isLasting(one);
  const texts: Record<string, string | null> = {};
  for (const { target, sha256 } of generation.files) texts[target] = (await textOf(sha256)) ?? null;
  const earlier = all.slice(0, at);
  const before = earlier.findLast(
    generation.before === undefined ? wasServed : ({ n }) => n === generation.before,
  );
  return { generation, before: before?.n, texts };
}

async function readable<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.JOURNAL_UNREADABLE({ folder }, error);
  }
}
