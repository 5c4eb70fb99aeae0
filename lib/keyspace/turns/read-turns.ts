import type { QueuedTurn } from "../../model/turn-entry.ts";
import { turnsFolder, turnsFolderOf } from "../../model/turn-entry.ts";
import type { KeySource } from "../contract.ts";
import { readSnapshot } from "../read-snapshot.ts";
import { holdersIn, type Queue, queueIn } from "./queue.ts";

/** A watcher that reloads, or waits for its turn. */
export interface ListedTurn extends Omit<QueuedTurn, "revision"> {
  readonly group: string;
  readonly state: "held" | "waiting";
  /** In the queue of its group, 1 for the first. */
  readonly place: number;
  readonly revision: string;
}

/** The turns of all groups, in the order of their names, and in that of the queue. */
export interface ListedTurns {
  readonly turns: readonly ListedTurn[];
  readonly ignored: Queue["ignored"];
}

/** The turns of a keyspace at this moment. Throws the fault of a keyspace that cannot be read. */
export async function readTurns(keyspace: KeySource, signal: AbortSignal): Promise<ListedTurns> {
  const snapshot = await readSnapshot(keyspace, [turnsFolder], signal);
  const keys = [...snapshot.below(turnsFolder)].flat().map(({ key }) => key);
  const groups = new Set(keys.map((key) => key.slice(turnsFolder.length + 1).split("/")[0] ?? ""));
  const queues = Array.from(groups, (group) => ({
    group,
    queue: queueIn(snapshot, turnsFolderOf(group)),
  }));
  return {
    turns: queues.flatMap(({ group, queue }) => listed(group, queue)),
    ignored: queues.flatMap(({ queue }) => queue.ignored),
  };
}

function listed(group: string, queue: Queue): readonly ListedTurn[] {
  const holders = new Set(holdersIn(queue));
  return queue.turns.map((turn, i) => {
    const state = holders.has(turn) ? "held" : "waiting";
    return { group, ...turn, state, place: i + 1, revision: String(turn.revision) };
  });
}
