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

const all = (rounds: number): readonly Fault[] =>
  [outages, partitions, frozen, rivals, data, disks, access, clocks, overload(rounds)].flat();

/** All faults of a kind of keyspace. `rounds` is the length of an overload: see there. */
export function faultsOf(kind: Store["kind"], rounds = 50): readonly Fault[] {
  return all(rounds).filter(({ only }) => only === undefined || only === kind);
}
