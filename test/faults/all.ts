import { access } from "./access.ts";
import { clocks } from "./clock.ts";
import { data } from "./data.ts";
import { disks } from "./disk.ts";
import type { Fault } from "./fault.ts";
import { frozen } from "./frozen.ts";
import { outages } from "./outages.ts";
import { overload } from "./overload.ts";
import { partitions } from "./partitions.ts";
import { rivals } from "./rivals.ts";
import type { Store } from "./store.ts";

/** The longest first: the suite tries several at a time, and none of these is to be the last and alone. */
const all: readonly Fault[] = [
  overload,
  outages,
  partitions,
  frozen,
  rivals,
  data,
  disks,
  access,
  clocks,
].flat();

/** All faults of a kind of keyspace. */
export function faultsOf(kind: Store["kind"]): readonly Fault[] {
  return all.filter(({ only }) => only === undefined || only === kind);
}
