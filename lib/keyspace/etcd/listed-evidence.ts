import type { IKeyValue } from "etcd3";
import type { ListSize } from "../list-turns.ts";
import { bytesOf, type ListEvidence } from "./position.ts";
import { kept, noWitnesses, putOf, type Witnesses, witnessesAfter } from "./witnesses.ts";

/** Collects the evidence of a list, entry by entry. */
export class ListedEvidence implements ListEvidence {
  #witnesses = noWitnesses;
  #size: ListSize = { entries: 0, bytes: 0 };

  get witnesses(): Witnesses {
    return this.#witnesses;
  }

  get size(): ListSize {
    return this.#size;
  }

  add(kv: IKeyValue): void {
    const { entries, bytes } = this.#size;
    this.#size = { entries: entries + 1, bytes: bytes + bytesOf(kv) };
    const { puts } = this.#witnesses;
    const [oldest] = puts;
    if (oldest && puts.length === kept && BigInt(kv.mod_revision) <= oldest.revision) return;
    this.#witnesses = witnessesAfter(this.#witnesses, [putOf(kv)]);
  }
}
