import { ordinal } from "../lib/base/ordinal.ts";
import { tableLines } from "../lib/base/table-lines.ts";
import type { ListedTurn, ListedTurns } from "../lib/keyspace/turns/read-turns.ts";

const headings = ["GROUP", "WATCHER", "STATE", "SINCE", "FOR"];

/** The lines of turns for people, in the order of the queues. */
export function formatTurns(
  { turns, ignored }: ListedTurns,
  keyspace: string,
  isCleared: boolean,
): readonly string[] {
  const rows = turns.map((turn) => {
    const { group, watcher, since, for: what } = turn;
    return [group, watcher, isCleared ? "removed" : stateOf(turn), since, what];
  });
  const nothing = `no watcher reloads or waits for its turn in ${keyspace}`;
  return [
    ...(rows.length > 0 ? tableLines([headings, ...rows]) : []),
    ...(rows.length === 0 && !isCleared ? [nothing] : []),
    ...ignored.map(
      ({ key, why }) => `${key} ${isCleared ? "is removed" : "does not count"}: ${why}`,
    ),
  ];
}

function stateOf({ state, place }: ListedTurn): string {
  return state === "held" ? "has its turn" : `waits, ${ordinal(place)}`;
}
