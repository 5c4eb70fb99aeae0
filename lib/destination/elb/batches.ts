import type { Fault } from "../../base/fault.ts";
import type { Answer } from "./api.ts";
import { isOfInstance } from "./errors.ts";
import type { Element } from "./xml.ts";

/** How many targets a call has at most. */
const mostTargets = 100;

/** What became of the calls for all items. */
export interface Sent<Item> {
  /** The responses to calls that succeeded. */
  readonly roots: readonly Element[];
  /** Items that AWS rejects when they are alone in a call. */
  readonly rejected: readonly {
    readonly item: Item;
    readonly code: string;
    readonly fault: Fault;
  }[];
}

/**
 * Makes calls for any number of items. AWS rejects all of a call because of one item: it is repeated for either half, so
 * that the others get through. Throws the fault of any other error response.
 */
export async function inBatches<Item>(
  items: readonly Item[],
  call: (batch: readonly Item[]) => Promise<Answer>,
): Promise<Sent<Item>> {
  const roots: Element[] = [];
  const rejected: Sent<Item>["rejected"][number][] = [];
  const send = async (batch: readonly Item[]): Promise<void> => {
    const answer = await call(batch);
    if ("root" in answer) return void roots.push(answer.root);
    const { error, fault } = answer;
    if (!isOfInstance(error)) throw fault;
    const [item, another] = batch;
    if (item !== undefined && another === undefined) {
      return void rejected.push({ item, code: error.code, fault });
    }
    const half = Math.ceil(batch.length / 2);
    await send(batch.slice(0, half));
    await send(batch.slice(half));
  };
  for (let start = 0; start < items.length; start += mostTargets) {
    await send(items.slice(start, start + mostTargets));
  }
  return { roots, rejected };
}
