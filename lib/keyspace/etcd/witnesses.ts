import type { Etcd3, IKeyValue, IRequestOp, IResponseHeader, IResponseOp } from "etcd3";

/** A write as etcd keeps it. `put` is absent if the key was removed. */
export interface WitnessedWrite {
  readonly key: string;
  readonly revision: bigint;
  readonly put?: WitnessedPut;
}

type WitnessedPut = Pick<IKeyValue, "create_revision" | "version" | "lease"> & {
  /** Absent for a value that is too long to be read again. */
  readonly value?: string;
};

/**
 * The last writes that a watch has received, each of another key, the newest last. A store that repeats them has the history
 * that the watch knows, up to the newest one: another history has other writes at these revisions.
 */
export interface Witnesses {
  readonly puts: readonly WitnessedWrite[];
  readonly removals: readonly WitnessedWrite[];
}

export const noWitnesses: Witnesses = { puts: [], removals: [] };

/** How many writes of each kind are kept. An expired lease removes many keys in one revision: puts are kept besides. */
export const kept = 4;

/** Longer values are not compared, in characters: the proof must stay small beside a list. */
const comparedLength = 500;

/** Copies what is kept: the buffers are slices that would keep a whole response in memory. */
export function putOf({ key, value, mod_revision, ...rest }: IKeyValue): WitnessedWrite {
  const { create_revision, version, lease } = rest;
  const isCompared = value.length <= comparedLength;
  const put = { create_revision, version, lease, ...(isCompared && { value: value.toString() }) };
  return { key: key.toString(), revision: BigInt(mod_revision), put };
}

export function removalOf({ key, mod_revision }: IKeyValue): WitnessedWrite {
  return { key: key.toString(), revision: BigInt(mod_revision) };
}

/** The witnesses after further writes, in the order of their revisions. */
export function witnessesAfter(before: Witnesses, writes: readonly WitnessedWrite[]): Witnesses {
  const last = new Map<string, WitnessedWrite>();
  for (const write of [...before.removals, ...before.puts, ...writes]) {
    const known = last.get(write.key);
    if (known && known.revision > write.revision) continue;
    last.delete(write.key);
    last.set(write.key, write);
  }
  const all = [...last.values()].sort((a, b) => (a.revision < b.revision ? -1 : 1));
  return {
    puts: all.filter(({ put }) => put).slice(-kept),
    removals: all.filter(({ put }) => !put).slice(-kept),
  };
}

/** The revision of the newest one; undefined if there are none. */
export function newestOf({ puts, removals }: Witnesses): bigint | undefined {
  const newest = [puts.at(-1), removals.at(-1)].flatMap((write) => write?.revision ?? []);
  return newest.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
}

/** A read that has to find the write of a key, or nothing. */
interface Expected {
  readonly request: NonNullable<IRequestOp["request_range"]>;
  readonly isMet: (found: IKeyValue | undefined) => boolean;
}

/**
 * The header of the answer if etcd repeats the witnesses and has not compacted the revisions after `since`; undefined if one
 * differs. Rejects if it has compacted them.
 */
export async function repeated(
  client: Etcd3,
  witnesses: Witnesses,
  since: bigint,
): Promise<IResponseHeader | undefined> {
  const newest = newestOf(witnesses);
  if (newest === undefined) return undefined;
  const expected = [...witnesses.puts, ...witnesses.removals].flatMap((one) =>
    expectedOf(one, newest),
  );
  const [first] = expected;
  if (!first) return undefined;
  const uncompacted = {
    request: { ...first.request, revision: String(since), keys_only: true },
    isMet: () => true,
  };
  const all = [...expected, uncompacted];
  const { header, responses } = await client.kv.txn({
    compare: [],
    success: all.map(({ request }) => ({ request_range: request })),
    failure: [],
  });
  return all.every(({ isMet }, i) => isMet(foundIn(responses[i]))) ? header : undefined;
}

const foundIn = (response: IResponseOp | undefined) => response?.response_range?.kvs[0];

/** The reads of a write, at the revision `newest`. A key that was removed then was there one revision before. */
function expectedOf({ key, revision, put }: WitnessedWrite, newest: bigint): readonly Expected[] {
  const name = Buffer.from(key);
  const at = (revision: bigint, keys_only: boolean) => {
    return { key: name, revision: String(revision), keys_only };
  };
  if (put) {
    const isMet = (found: IKeyValue | undefined) => found !== undefined && isSame(found);
    return [{ request: at(newest, put.value === undefined), isMet }];
  }
  const removed = { request: at(newest, true), isMet: isAbsent };
  if (revision < newest) return [removed];
  return [removed, { request: at(newest - 1n, true), isMet: (found) => found !== undefined }];

  function isSame({ create_revision, mod_revision, version, lease, value }: IKeyValue): boolean {
    return (
      BigInt(mod_revision) === revision &&
      create_revision === put?.create_revision &&
      version === put.version &&
      lease === put.lease &&
      (put.value === undefined || put.value === value.toString())
    );
  }
}

const isAbsent = (found: IKeyValue | undefined) => found === undefined;
