import { printableJson, printableLines } from "../../lib/base/printable.ts";
import { describeCause, markOf } from "../../lib/journal/cause.ts";
import type { Generation } from "../../lib/journal/contract.ts";
import { journalOf } from "../journal-of.ts";
import type { AgentSelector } from "../locate-agent.ts";
import type { World } from "../world.ts";

export interface HistoryOptions extends AgentSelector {
  /** Only this file, by its path or its name; all if undefined. */
  readonly target: string | undefined;
  /** How many generations at the most. */
  readonly last: number;
  /** Print JSON instead of text. */
  readonly json: boolean;
}

/** Prints the latest generations of a watcher, a line each, the latest last. */
export async function history(
  { target, last, json, ...selector }: HistoryOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const journal = await journalOf(selector, world, signal);
  const query = { limit: last, ...(target !== undefined && { target }) };
  const { generations } = await journal.history(query);
  const text = printableLines(generations.map(lineOf));
  world.out.write(json ? `${printableJson({ generations }, 2)}\n` : text);
}

/** `12  2026-11-26 10:00:00Z  haproxy.cfg  adjusted (1 server)  + /services/web/a@17 +3`, and the words of a refusal. */
function lineOf({
  n,
  at,
  group,
  how,
  detail,
  cause,
  refused,
  quarantined = [],
}: Generation): string {
  const time = `${at.slice(0, 19).replace("T", " ")}Z`;
  const bad = quarantined.map(({ key, why }) => `without ${key}: ${why}`);
  const reasons = [refused?.message ?? "", ...bad].filter(Boolean).map(firstLine);
  return [
    String(n).padStart(5),
    time,
    group,
    detail ?? how,
    describeCause(cause, markOf),
    ...reasons,
  ]
    .filter(Boolean)
    .join("  ");
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
