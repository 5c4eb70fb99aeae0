import { Cell } from "../../lib/base/cell.ts";
import type { Reason } from "../../lib/journal/contract.ts";

/** Changes of keys, of addresses of host names or of retained instances. */
export interface News {
  /** All reasons but changed keys. */
  readonly reasons: readonly Reason[];
  /** When the first of them was seen, in milliseconds of the clock. */
  readonly seenMs: number;
}

/** The changes for which the files of a group may be other ones, until a reconciliation takes them. */
export class GroupChanges {
  /** Counts the changes. */
  readonly count = new Cell(0);
  #waiting: News | undefined;

  add({ reasons, seenMs }: News): void {
    const before = this.#waiting;
    const all = new Set([...(before?.reasons ?? []), ...reasons]);
    this.#waiting = { reasons: [...all], seenMs: before?.seenMs ?? seenMs };
    this.count.set(this.count.value + 1);
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** All that are waiting, together; undefined if there are none. */
  take(): News | undefined {
    const news = this.#waiting;
    this.#waiting = undefined;
    return news;
  }
}
