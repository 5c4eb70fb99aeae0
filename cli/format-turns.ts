import { ordinal } from "../lib/base/ordinal.ts";
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
    ...(rows.length > 0 ? aligned([headings, ...rows]) : []),
    ...(rows.length === 0 && !isCleared ? [nothing] : []),
    ...ignored.map(
      ({ key, why }) => `${key} ${isCleared ? "is removed" : "does not count"}: ${why}`,
    ),
  ];
}

function stateOf({ state, place }: ListedTurn): string {
  return state === "held" ? "has its turn" : `waits, ${ordinal(place)}`;
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = headings.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
