import { childScope, never, untilAborted } from "../../../lib/base/signal.ts";
import type { Presence } from "../contract.ts";
import type { Destinations } from "./destinations.ts";

/**
 * An agent with its destinations: they end after it, so that what it has drained is removed there. If one of both fails, the
 * other one stops.
 */
export function withDestinations<Agent extends Presence>(
  agent: Agent,
  destinations: Destinations | undefined,
  shutdownTimeoutMs: number,
): Agent {
  if (!destinations) return agent;
  const run = async (signal: AbortSignal) => {
    await childScope(signal, async (stopping, stop) => {
      const left = new AbortController();
      const guarded = async (work: Promise<void>) => {
        try {
          await untilAborted(stopping, work);
        } catch (error) {
          stop(error);
          throw error;
        }
      };
      const leaving = { stopping, left: left.signal, shutdownTimeoutMs };
      const results = await Promise.allSettled([
        guarded(agent.run(stopping)).finally(() => left.abort()),
        guarded(destinations.run(agent.candidates, leaving, never)),
      ]);
      for (const result of results) if (result.status === "rejected") throw result.reason;
    });
  };
  const status = () => {
    const facts = agent.status();
    return { ...facts, loops: [...facts.loops, ...destinations.facts.map(({ loop }) => loop)] };
  };
  return { ...agent, status, run };
}
