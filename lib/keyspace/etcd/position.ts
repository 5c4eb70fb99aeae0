import type { IEvent, IKeyValue, IResponseHeader } from "etcd3";
import type { ListSize } from "../list-turns.ts";
import type { Range } from "./ranges.ts";
import {
  putOf,
  removalOf,
  type WitnessedWrite,
  type Witnesses,
  witnessesAfter,
} from "./witnesses.ts";

/** A range that is watched, and the revision up to which its changes are known. */
export interface KnownRange {
  readonly range: Range;
  readonly revision: bigint;
}

/** What a header has of the history of its store: a later header of the same history has no lower term or revision. */
export interface History {
  readonly cluster: string;
  readonly term: bigint;
  readonly revision: bigint;
}

/** How far a watch has come, and the evidence of the history in which it has come there. Immutable. */
export class EtcdPosition {
  readonly prefixes: readonly string[];
  readonly ranges: readonly KnownRange[];
  readonly witnesses: Witnesses;
  /** What a list would have now. */
  readonly size: ListSize;
  readonly history: History;

  private constructor(fields: Omit<EtcdPosition, "after">) {
    this.prefixes = fields.prefixes;
    this.ranges = fields.ranges;
    this.witnesses = fields.witnesses;
    this.size = fields.size;
    this.history = fields.history;
  }

  /** That of a list; `header` is one of its answers, with the revision of the list. */
  static listed(
    prefixes: readonly string[],
    ranges: readonly Range[],
    { witnesses, size, header }: ListEvidence & { readonly header: IResponseHeader | undefined },
  ): EtcdPosition {
    const history = header ? historyOf(header) : noHistory;
    const { revision } = history;
    const known = ranges.map((range) => ({ range, revision }));
    return new EtcdPosition({ prefixes, ranges: known, witnesses, size, history });
  }

  /** That after some changes of one range, in whole revisions. */
  after(events: readonly IEvent[], header: IResponseHeader): EtcdPosition {
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last) return this;
    const revision = BigInt(last.kv.mod_revision);
    const index = this.ranges.findIndex(({ range }) => isIn(range, first.kv.key));
    const ranges = this.ranges.map((one, i) => (i === index ? { ...one, revision } : one));
    const latest = historyOf(header);
    return new EtcdPosition({
      prefixes: this.prefixes,
      ranges,
      witnesses: witnessesAfter(this.witnesses, latestWrites(this.witnesses, events)),
      size: sizeAfter(this.size, events),
      history: isContinued(this.history, latest) ? latest : this.history,
    });
  }
}

/** Only the last events of a response can become witnesses: as many as these. */
const lastEvents = 32;

const noHistory: History = { cluster: "", term: 0n, revision: 0n };

export function historyOf({ cluster_id, raft_term, revision }: IResponseHeader): History {
  return { cluster: cluster_id, term: BigInt(raft_term), revision: BigInt(revision) };
}

/** Whether a header may be a later one of the same history. */
export function isContinued(known: History, { cluster, term, revision }: History): boolean {
  return cluster === known.cluster && term >= known.term && revision >= known.revision;
}

/** The writes that may become witnesses, or after which a write is none any longer. */
function latestWrites(
  { puts, removals }: Witnesses,
  events: readonly IEvent[],
): readonly WitnessedWrite[] {
  const known = new Set([...puts, ...removals].map(({ key }) => key));
  const last = events.length - lastEvents;
  return events
    .filter(({ kv }, i) => i >= last || known.has(kv.key.toString()))
    .map(({ type, kv }) => (type === "Delete" ? removalOf(kv) : putOf(kv)));
}

function isIn({ key, range_end }: Range, name: Buffer): boolean {
  if (!range_end) return name.equals(key);
  // A zero byte as the end: there is none.
  if (range_end.length === 1 && range_end[0] === 0) return name.compare(key) >= 0;
  return name.compare(key) >= 0 && name.compare(range_end) < 0;
}

/** What a list has besides its entries. */
export interface ListEvidence {
  readonly witnesses: Witnesses;
  readonly size: ListSize;
}

/** What the protocol adds to the key and value of an entry, in bytes: about so much. */
const overheadBytes = 30;

/** The size of an entry in a list, in bytes. */
export function bytesOf({ key, value }: IKeyValue): number {
  return key.length + value.length + overheadBytes;
}

/** Removed entries count as mean ones: an event does not have the size of the value that was removed or replaced. */
function sizeAfter({ entries, bytes }: ListSize, events: readonly IEvent[]): ListSize {
  let size = { entries, bytes };
  for (const { type, kv } of events) {
    if (type === "Delete") {
      const left = Math.max(0, size.entries - 1);
      size = { entries: left, bytes: size.entries > 0 ? (size.bytes * left) / size.entries : 0 };
    } else if (kv.version === "1") {
      size = { entries: size.entries + 1, bytes: size.bytes + bytesOf(kv) };
    }
  }
  return size;
}
