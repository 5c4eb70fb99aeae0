import { Fault } from "../../lib/base/fault.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import { getJson, postJson } from "../../lib/control/client.ts";
import type { History } from "../../lib/journal/contract.ts";
import type { Overview } from "../../lib/overview/contract.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { discoverSockets } from "../../lib/status/paths.ts";
import { type AgentSelector, locateAgent } from "../locate-agent.ts";
import type { World } from "../world.ts";
import type { Candidate, LiveValue } from "./candidates.ts";

/** The time limit of an answer, in milliseconds: a key was pressed. */
const limitMs = 1000;

/** How many generations are offered. */
const mostGenerations = 20;

/** What a running agent knows now; empty if none answers in time. */
export async function liveValues(
  value: LiveValue,
  agent: AgentSelector,
  world: World,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const ask = (s: AbortSignal) => readers[value](agent, world, s);
  try {
    return await withTimeout(limitMs, ask, () => [], world.clock, signal);
  } catch (error) {
    // Nothing to offer: the command itself will say why.
    if (error instanceof Fault) return [];
    throw error;
  }
}

type Reader = (
  agent: AgentSelector,
  world: World,
  signal: AbortSignal,
) => Promise<readonly Candidate[]>;

const readers: Readonly<Record<LiveValue, Reader>> = {
  sockets: async (_, world) =>
    (await discoverSockets(world)).map((word) => ({ word, description: "" })),
  async instances(agent, world, signal) {
    const path = await locateAgent(agent, world, signal);
    const { services } = await getJson<Overview>(path, "/overview", signal);
    return services.flatMap(({ instances }) =>
      instances.map(({ name, state }) => ({ word: name, description: state })),
    );
  },
  async targets(agent, world, signal) {
    const path = await locateAgent(agent, world, signal);
    const { watch } = await getJson<StatusReport>(path, "/status", signal);
    const templates = watch?.templates ?? [];
    return templates.map(({ target, state }) => ({ word: target, description: state }));
  },
  async generations(agent, world, signal) {
    const path = await locateAgent(agent, world, signal);
    const asked = { limit: mostGenerations };
    const { generations } = await postJson<History>(path, "/history", asked, signal);
    const latestFirst = generations.toReversed();
    return latestFirst.map(({ n, at, group }) => ({
      word: String(n),
      description: `${at} ${group}`,
    }));
  },
};
