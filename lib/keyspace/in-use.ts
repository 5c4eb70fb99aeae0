import { Cell } from "../base/cell.ts";
import type { Keyspace } from "./contract.ts";

/** Counts what uses each keyspace, so that one which the configuration no longer has is closed after that. */
export class InUse {
  /** Each as often as it is used. */
  readonly all = new Cell<readonly Keyspace[]>([]);

  async during<T>(keyspace: Keyspace, work: () => Promise<T>): Promise<T> {
    using _ = this.begin(keyspace);
    return await work();
  }

  /** Counts a use until the result is disposed of. */
  begin(keyspace: Keyspace): Disposable {
    this.all.set([...this.all.value, keyspace]);
    return {
      [Symbol.dispose]: () => {
        this.all.set(this.all.value.toSpliced(this.all.value.indexOf(keyspace), 1));
      },
    };
  }
}
