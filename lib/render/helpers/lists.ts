import { Buffer } from "node:buffer";
import type { Endpoint } from "../../model/pool.ts";
import { HelperError, type Helpers } from "./contract.ts";
import { pure } from "./define.ts";

/** Lists. The argument is never changed: the result is a new list. */
export const lists: Helpers = {
  reverse: pure(
    "reverse list",
    "the list in reverse order. Unlike in confd, this works for the result of `gets` too",
    (args) => args.list(0).toReversed(),
  ),
  sortByLength: pure(
    "sortByLength list",
    "the strings from the shortest to the longest, in bytes; a stable sort",
    (args) => args.strings(0).toSorted(byLength((item) => item)),
  ),
  sortKVByLength: pure(
    "sortKVByLength list",
    "the entries from the shortest key to the longest, in bytes; a stable sort",
    (args) => args.keyValues(0).toSorted(byLength(({ key }) => key)),
  ),
  weighted: pure(
    "weighted instances",
    "the instances of a list that take new requests: their weight is not 0",
    (args) => args.list(0).filter((one) => (one as { weight?: unknown } | null)?.weight !== 0),
  ),
  primary: pure(
    "primary instances",
    "the instances of a list without the label `backup: true`; all of them if each has it, as a proxy needs one that is no backup",
    (args) => withoutBackups(args.list(0)),
  ),
  backups: pure(
    "backups instances",
    "the other instances of the list: a proxy uses them while no primary one can be reached",
    (args) => {
      const all = args.list(0);
      const primary = withoutBackups(all);
      return primary === all ? [] : all.filter(isBackup);
    },
  ),
  resolved: pure(
    "resolved instances",
    "the instances by IP address: one with a host name is replaced by one for each address that sidekick has resolved (IPv4 if any). The same list with `watch.resolve: false`, or without check and proxy",
    (args) => withAddresses(args.list(0)),
  ),
  seq: pure(
    "seq first last",
    "the integers from first to last; an empty list if first is greater",
    (args) => {
      const [first, last] = [args.integer(0), args.integer(1)];
      const length = Math.max(0, last - first + 1);
      if (length > maxSeqLength) {
        throw new HelperError(`seq ${first} ${last} would be longer than ${maxSeqLength} numbers`);
      }
      return Array.from({ length }, (_, at) => first + at);
    },
  ),
};

/** The same list if it has no backups, or nothing else. */
function withoutBackups(list: readonly unknown[]): readonly unknown[] {
  if (!list.some(isBackup)) return list;
  const primary = list.filter((one) => !isBackup(one));
  return primary.length > 0 ? primary : list;
}

function isBackup(one: unknown): boolean {
  return (one as Partial<Endpoint> | null)?.labels?.backup === "true";
}

/** A number from the keyspace must not exhaust the memory. */
const maxSeqLength = 100_000;

/** Each address once: a proxy may reject a server that is declared twice. */
function withAddresses(list: readonly unknown[]): readonly unknown[] {
  const resolvedOf = (one: unknown) => (one as Partial<Endpoint> | null)?.resolved;
  if (!list.some(resolvedOf)) return list;
  const known = new Set(list.map((one) => (one as Partial<Endpoint> | null)?.address));
  return list.flatMap((one) => {
    const targets = resolvedOf(one) ?? undefined;
    if (!targets) return [one];
    return targets.filter(({ address }) => !known.has(address) && known.add(address));
  });
}

function byLength<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => Buffer.byteLength(textOf(a)) - Buffer.byteLength(textOf(b));
}
