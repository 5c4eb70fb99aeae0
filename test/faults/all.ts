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

const all: readonly Fault[] = [
  outages,
  partitions,
  frozen,
  rivals,
  data,
  disks,
  access,
  clocks,
  overload,
].flat();

/** All faults of a kind of keyspace. */
export function faultsOf(kind: Store["kind"]): readonly Fault[] {
  return all.filter(({ only }) => only === undefined || only === kind);
}
