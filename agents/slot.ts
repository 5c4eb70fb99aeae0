import { Cell } from "../lib/base/cell.ts";
import { runEach } from "../lib/base/run-each.ts";
import type { Service } from "../lib/base/run-until.ts";
import type { AgentFacts } from "./status.ts";

/** Runs an agent, if there is one: a reload of the configuration may start it, or end it as a shutdown does. */
export class Slot<Agent extends Service & { status(): AgentFacts }> implements Service {
  readonly #all: Cell<readonly Agent[]>;

  constructor(agent: Agent | undefined) {
    this.#all = new Cell(agent ? [agent] : []);
  }

  get agent(): Agent | undefined {
    return this.#all.value[0];
  }

  set agent(agent: Agent | undefined) {
    this.#all.set(agent ? [agent] : []);
  }

  run(signal: AbortSignal): Promise<void> {
    return runEach(this.#all, (agent, s) => agent.run(s), signal);
  }

  status(): AgentFacts {
    return this.agent?.status() ?? { loops: [], keyspaceLoops: [] };
  }
}
