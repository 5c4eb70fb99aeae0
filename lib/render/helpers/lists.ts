import { Buffer } from "node:buffer";
import { HelperError, type Helpers } from "./contract.ts";
import { pure } from "./define.ts";

/** Lists. None is changed: what comes back is a new one. */
export const lists: Helpers = {
  reverse: pure(
    "reverse list",
    "the list from its end to its start. Unlike in confd, this works for what `gets` gives too",
    (given) => given.list(0).toReversed(),
  ),
  sortByLength: pure(
    "sortByLength list",
    "the texts from the shortest to the longest, counted in bytes; equals stay in order",
    (given) => given.texts(0).toSorted(byLength((item) => item)),
  ),
  sortKVByLength: pure(
    "sortKVByLength list",
    "the entries from the shortest key to the longest, counted in bytes; equals stay in order",
    (given) => given.keyValues(0).toSorted(byLength(({ key }) => key)),
  ),
  weighted: pure(
    "weighted instances",
    "those of a list of instances that take new requests: their weight is not 0",
    (given) => given.list(0).filter((one) => (one as { weight?: unknown } | null)?.weight !== 0),
  ),
  seq: pure(
    "seq first last",
    "the whole numbers from first to last; none where first is greater",
    (given) => {
      const [first, last] = [given.whole(0), given.whole(1)];
      const length = Math.max(0, last - first + 1);
      if (length > longestSeq) {
        throw new HelperError(`seq ${first} ${last} would be longer than ${longestSeq} numbers`);
      }
      return Array.from({ length }, (_, at) => first + at);
    },
  ),
};

/** A number that comes from a key must not be able to exhaust the memory. */
const longestSeq = 100_000;

function byLength<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => Buffer.byteLength(textOf(a)) - Buffer.byteLength(textOf(b));
}
