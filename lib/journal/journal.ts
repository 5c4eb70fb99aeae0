import { hash } from "node:crypto";
import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/fault.ts";
import { FaultReports } from "../base/fault-reporter.ts";
import type { Log } from "../base/log.ts";
import type { Backoff, RetryDeps } from "../base/retry.ts";
import { supervise } from "../base/supervise.ts";
import type { Draft, Fact, Generation, GenerationFile, JournalReader } from "./contract.ts";
import { FactList } from "./fact-list.ts";
import { faults } from "./faults.ts";
import { KeptTexts } from "./kept-texts.ts";
import { type JournalLimits, usualLimits } from "./limits.ts";
import { type Line, LineAppender, parseLine, readLineTexts } from "./lines.ts";
import { journalFolder, readerOf, selected, textsOf } from "./read-journal.ts";
import { isLasting, isRepetition, KeepRule } from "./rules.ts";
import { TextDigest } from "./text-digest.ts";

/** How soon a failed write is tried again. */
const backoff: Backoff = { firstMs: 2000, maxMs: 60_000 };

/** So many lines wait for a disk that cannot be written; older ones are lost. */
const mostWaiting = 1000;

/** The texts of so many lines wait. */
const mostWaitingTexts = 4;

interface Opening {
  readonly clock: Clock;
  /** Gets each fact once, when it is appended. */
  readonly onFact?: ((fact: Fact) => void) | undefined;
  readonly date?: () => Date;
  readonly limits?: JournalLimits;
}

type Opened = Required<Opening>;

export interface JournalDeps extends Pick<RetryDeps, "clock" | "random"> {
  readonly log: Log;
}

/** A line to write, and the texts that are kept with it, by their SHA-256. */
interface Pending {
  readonly line: Line;
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * What reconciliations came to, in order: in memory for those that follow it, and in files that are readable at any time,
 * also after the process was killed.
 */
export class Journal implements JournalReader {
  readonly facts = new FactList();
  readonly #folder: string | false;
  readonly #keepRule: KeepRule;
  readonly #date: () => Date;
  readonly #onFact: Opened["onFact"];
  readonly #reader: JournalReader | undefined;
  readonly #appender: LineAppender | undefined;
  readonly #kept: KeptTexts | undefined;
  /** By group. */
  readonly #last = new Map<string, Generation>();
  /** By group, the last one that was neither refused nor deferred. */
  readonly #reached = new Map<string, Generation>();
  /** By target. */
  readonly #digests = new Map<string, TextDigest>();
  #n: number;
  #pending: readonly Pending[] = [];
  /** Counts the changes of `#pending`. */
  readonly #changes = new Cell(0);

  private constructor(
    folder: string | false,
    lines: readonly string[],
    { clock, date, onFact, limits }: Opened,
  ) {
    this.#folder = folder;
    this.#date = date;
    this.#onFact = onFact;
    this.#keepRule = new KeepRule(clock);
    this.#n = parseLine(lines.findLast(parseLine) ?? "")?.generation.n ?? 0;
    if (folder === false) return;
    const keeping = lines.filter((text) => text.includes('"keeps":[')).slice(-limits.generations);
    const kept = keeping.flatMap((text) => {
      const { generation, keeps = [] } = parseLine(text) ?? {};
      return generation ? [{ atMs: Date.parse(generation.at), keeps }] : [];
    });
    this.#reader = readerOf(folder, () => date().getTime());
    this.#appender = new LineAppender(folder, limits);
    this.#kept = new KeptTexts(folder, kept, limits);
  }

  /** The journal beside a snapshot cache; in memory alone without a cache. */
  static async beside(cachePath: string | false, deps: Opening): Promise<Journal> {
    return await Journal.open(journalFolder(cachePath), deps);
  }

  /** Goes on with the numbers of an earlier process. With `false`, or where the files cannot be read, they begin with 1. */
  static async open(
    folder: string | false,
    { clock, date = () => new Date(), onFact, limits = usualLimits }: Opening,
  ): Promise<Journal> {
    const lines = folder === false ? [] : await readLineTexts(folder).catch(ifUnreadable);
    return new Journal(folder, lines, { clock, date, onFact, limits });
  }

  /** Appends what a reconciliation came to. */
  append({ texts, textsBefore, ...draft }: Draft): Fact {
    const last = this.#last.get(draft.group);
    const isUnchanged = draft.how === "same" && last !== undefined && !isLasting(last);
    // Digests cost as much as the texts are long.
    const files = isUnchanged ? last.files : this.#filesOf(texts);
    const at = this.#date().toISOString();
    if (last && (isUnchanged || isRepetition(last, { ...draft, files }))) {
      return this.#added({ isRepeated: true, generation: { n: last.n, at, ...draft, files } });
    }
    this.#n += 1;
    const generation: Generation = { n: this.#n, at, ...draft, files };
    this.#last.set(draft.group, generation);
    if (!isLasting(draft)) this.#reached.set(draft.group, generation);
    if (this.#folder !== false) this.#enqueue(generation, texts, textsBefore);
    return this.#added({ isRepeated: false, generation });
  }

  #filesOf(texts: Draft["texts"]): readonly GenerationFile[] {
    return Array.from(texts, ([target, text]) => {
      const digest = this.#digests.get(target) ?? new TextDigest();
      this.#digests.set(target, digest);
      return { target, sha256: digest.of(text) };
    });
  }

  #added(fact: Omit<Fact, "seq">): Fact {
    const added = this.facts.append(fact);
    this.#onFact?.(added);
    return added;
  }

  /** The last generation of a group in this process, and the last one whose texts were reached. */
  lastOf(group: string): { readonly last?: Generation; readonly reached?: Generation } {
    const [last, reached] = [this.#last.get(group), this.#reached.get(group)];
    return { ...(last && { last }), ...(reached && { reached }) };
  }

  async history(query: Parameters<JournalReader["history"]>[0]) {
    return (await this.#reader?.history(query)) ?? selected(this.#inMemory(), query);
  }

  async texts(n: number) {
    return (await this.#reader?.texts(n)) ?? textsOf(n, this.#inMemory(), async () => undefined);
  }

  /** Writes what is appended. A failure is reported and tried again; what waits when the signal aborts is written still. */
  async keep(deps: JournalDeps, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = deps;
    const reporter = new FaultReports("the journal", log, clock).reporter();
    const writing = async (succeeded: () => void, s: AbortSignal) => {
      for (;;) {
        const { version } = this.#changes;
        await this.#flush();
        succeeded();
        await this.#changes.newer(version, s);
      }
    };
    try {
      await supervise(writing, { backoff, reporter }, { clock, random }, signal);
    } finally {
      await this.#flush().catch(() => {});
      await this.#appender?.close();
    }
  }

  #inMemory(): readonly Generation[] {
    const { facts } = this.facts.since(0);
    return facts.flatMap((fact) => (fact.isRepeated ? [] : [fact.generation]));
  }

  #enqueue(generation: Generation, texts: Draft["texts"], textsBefore: Draft["textsBefore"]): void {
    const isKept = this.#keepRule.keeps(generation);
    const wanted = isKept ? [...(textsBefore?.values() ?? []), ...texts.values()] : [];
    const bySha = new Map(wanted.map((text) => [digestOf(text), text]));
    const keeps = bySha.size > 0 ? { keeps: [...bySha.keys()] } : {};
    const line = { generation, ...keeps };
    const waiting = [...this.#pending, { line, texts: bySha }].slice(-mostWaiting);
    const withTexts = waiting.length - mostWaitingTexts;
    this.#pending = waiting.map((one, i) => (i < withTexts ? { ...one, texts: noTexts } : one));
    this.#changes.set(this.#changes.value + 1);
  }

  async #flush(): Promise<void> {
    const folder = this.#folder;
    if (folder === false || !this.#appender || !this.#kept) return;
    try {
      while (this.#pending.length > 0) {
        const some = this.#pending;
        // Texts first: a line only names what is there.
        for (const { line, texts } of some) {
          const { generation, keeps } = line;
          const atMs = Date.parse(generation.at);
          if (keeps) await this.#kept.keep({ atMs, keeps }, texts);
        }
        await this.#appender.append(some.map(({ line }) => line));
        this.#pending = this.#pending.filter((one) => !some.includes(one));
      }
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      throw faults.JOURNAL_UNWRITABLE({ folder }, error);
    }
  }
}

const noTexts: ReadonlyMap<string, string> = new Map();

function digestOf(text: string): string {
  return hash("sha256", text);
}

/** The next write reports it. */
function ifUnreadable(error: unknown): readonly string[] {
  if (systemCode(error) === undefined) throw error;
  return [];
}
