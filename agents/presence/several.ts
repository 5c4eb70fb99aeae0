import { runAll } from "../../lib/base/signal.ts";
import type { InstanceOperations, Operated } from "../../lib/control/contract.ts";
import type { AgentFacts } from "../status.ts";
import type { Presence } from "./contract.ts";

/** The agents of several keyspaces as one; the only agent itself. They stop side by side. */
export function joined(agents: readonly Presence[]): Presence {
  const [only, ...others] = agents;
  if (only && others.length === 0) return only;
  return {
    run: (signal) => runAll(signal, ...agents.map((agent) => (s: AbortSignal) => agent.run(s))),
    status: () => factsOf(agents.map((agent) => agent.status())),
    operations: operationsOf(agents),
    candidates: agents.flatMap(({ candidates }) => candidates),
    pathOf: (name) => {
      for (const agent of agents) {
        const path = agent.pathOf(name);
        if (path !== undefined) return path;
      }
      return undefined;
    },
  };
}

function factsOf(all: readonly AgentFacts[]): AgentFacts {
  const parts = all.map(({ presence }) => presence).filter((presence) => presence !== undefined);
  const waiting = parts.flatMap(({ unserved }) => (unserved ? [unserved] : []));
  return {
    loops: all.flatMap(({ loops }) => loops),
    keyspaceLoops: all.flatMap(({ keyspaceLoops }) => keyspaceLoops),
    mounts: all.flatMap(({ mounts = [] }) => mounts),
    presence: {
      get instances() {
        return parts.flatMap(({ instances }) => instances);
      },
      // Each part has all of them.
      ...(parts[0]?.destinations && { destinations: parts[0].destinations }),
      quarantined: parts.flatMap(({ quarantined }) => quarantined),
      isComplete: parts.every(({ isComplete }) => isComplete),
      ...(waiting.length > 0 && { unserved: waiting.flat() }),
    },
  };
}

/** Each request goes to the agents that have some of the instances. */
function operationsOf(agents: readonly Presence[]): InstanceOperations {
  const split = (names: readonly string[]) =>
    agents.flatMap((agent) => {
      const own = new Set(agent.status().presence?.instances.map(({ name }) => name));
      const some = names.filter((name) => own.has(name));
      return some.length > 0 ? [{ operations: agent.operations, names: some }] : [];
    });
  const operated = async (answers: readonly Promise<Operated>[]) => ({
    instances: (await Promise.all(answers)).flatMap(({ instances }) => instances),
  });
  return {
    drain: async (request, signal) => {
      const parts = split(request.names).map(({ operations, names }) =>
        operations.drain({ ...request, names }, signal),
      );
      const answers = await Promise.all(parts);
      return {
        drained: answers.flatMap(({ drained }) => drained),
        cancelled: answers.flatMap(({ cancelled }) => cancelled),
        missing: answers.flatMap(({ missing }) => missing),
      };
    },
    untilDiscovered: async (limitMs, signal) => {
      const parts = agents.map(({ operations }) => operations.untilDiscovered(limitMs, signal));
      return Math.min(...(await Promise.all(parts)));
    },
    untilServed: async (request, signal) => {
      const parts = split(request.names).map(({ operations, names }) =>
        operations.untilServed({ ...request, names }, signal),
      );
      return { instances: (await Promise.all(parts)).flatMap(({ instances }) => instances) };
    },
    undrain: (all, signal) =>
      operated(split(all).map(({ operations, names }) => operations.undrain(names, signal))),
    weigh: (request, signal) =>
      operated(
        split(request.names).map(({ operations, names }) =>
          operations.weigh({ ...request, names }, signal),
        ),
      ),
  };
}
