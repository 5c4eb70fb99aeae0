import { isDeepStrictEqual } from "node:util";
import type { Cell } from "../../../lib/base/cell.ts";
import { race } from "../../../lib/base/signal.ts";
import type { Candidate, Candidates } from "../../../lib/destination/decide.ts";

/** The candidates once the agent has stopped: nothing drains any longer. */
export function afterwards({ candidates, isComplete }: Candidates): Candidates {
  return {
    candidates: candidates.map((one) => (one.wish === "keep" ? one : { ...one, wish: "remove" })),
    isComplete,
  };
}

/** Keeps `all` equal to the candidates of several agents, each once; of these services only, unless that is undefined. */
export async function joinCandidates(
  parts: readonly Cell<Candidates>[],
  services: readonly string[] | undefined,
  all: Cell<Candidates>,
  signal: AbortSignal,
): Promise<never> {
  const isMeant = ({ instance }: Candidate) => services?.includes(instance.service) ?? true;
  for (;;) {
    const versions = parts.map(({ version }) => version);
    const byName = new Map<string, Candidate>();
    for (const one of parts.flatMap(({ value }) => value.candidates).filter(isMeant)) {
      if (!byName.has(one.name)) byName.set(one.name, one);
    }
    const isComplete = parts.every(({ value }) => value.isComplete);
    const now = { candidates: [...byName.values()], isComplete };
    if (!isDeepStrictEqual(now, all.value)) all.set(now);
    await race(
      signal,
      ...parts.map((part, i) => (s: AbortSignal) => part.newer(versions[i] ?? 0, s)),
    );
  }
}
