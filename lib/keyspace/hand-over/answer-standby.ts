import { Cell } from "../../base/cell.ts";
import { retry } from "../../base/retry.ts";
import { race, runAll } from "../../base/signal.ts";
import {
  decodeStandby,
  encodeOwner,
  ownerKeyOf,
  type Standby,
  standbyKeyOf,
} from "../../model/hand-over-entry.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { KeySource, Session } from "../contract.ts";
import { follow } from "../follow.ts";
import { backoff, type HandOverDeps, ifDenied } from "./deps.ts";

export interface OwnerState {
  /** The standby that asks us; undefined if there is none: written by `answerStandby`. */
  readonly standby: Cell<Standby | undefined>;
  /** This agent is about to end its session, and hands its entries over. */
  readonly isLeaving: Cell<boolean>;
}

/**
 * Answers the standby of `session` until `signal` aborts. Nothing is written while there is no standby. Without permission
 * to answer, the standby takes the entries over, and this agent has none to hand over.
 */
export async function answerStandby(
  keyspace: KeySource,
  session: Session,
  { standby, isLeaving }: OwnerState,
  deps: HandOverDeps,
  signal: AbortSignal,
): Promise<void> {
  standby.set(undefined);
  const seen = new Cell<Snapshot | undefined>(undefined);
  const key = standbyKeyOf(session.id);
  const onBatch = () => {
    const asking = decodeStandby(seen.value?.get(key));
    if (asking || standby.value) standby.set(asking);
  };
  const reading = (progress: () => void, s: AbortSignal) =>
    follow(
      keyspace,
      [key],
      seen,
      () => {
        onBatch();
        progress();
      },
      s,
    );
  const answering = async (progress: () => void, s: AbortSignal): Promise<void> => {
    let written = "";
    for (;;) {
      const versions = [standby.version, isLeaving.version] as const;
      const answer = { answered: standby.value, isLeaving: isLeaving.value };
      const value = encodeOwner({ session: session.id, ...answer });
      if ((answer.answered || answer.isLeaving) && value !== written) {
        await session.put(ownerKeyOf(session.id), value, s, { overwrites: true });
        written = value;
      }
      progress();
      await race(
        s,
        (t) => standby.newer(versions[0], t),
        (t) => isLeaving.newer(versions[1], t),
      );
    }
  };
  const onFault = ifDenied(deps, () => {});
  await runAll(
    signal,
    (s) => retry(reading, backoff, { ...deps, onFault }, s),
    (s) => retry(answering, backoff, { ...deps, onFault }, s),
  );
}
