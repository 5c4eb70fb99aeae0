import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { type Fault, sentence } from "../../lib/base/fault.ts";
import type { Discovered } from "../../lib/discover/contract.ts";
import { createDocker } from "../../lib/discover/docker/docker.ts";
import { schema } from "../../lib/discover/docker/schema.ts";
import { readCheck } from "../../lib/health/read-check.ts";
import { atEnd } from "../support/process.ts";

/** A result of discovery and its time. */
export interface Yielded {
  /** On the clock of the machine, which the engine uses as well: milliseconds since 1970. */
  readonly atMs: number;
  readonly discovered: Discovered;
}

/** A discovery that runs until the end of the test. */
export interface RunningDiscovery {
  readonly yielded: readonly Yielded[];
  readonly faults: readonly string[];
  /** The names of the containers that are in a state now, sorted. By default `up`. */
  names(state?: string): readonly string[];
}

export function startDiscovery(t: TestContext, settings: object): RunningDiscovery {
  const ending = new AbortController();
  const yielded: Yielded[] = [];
  const faults: string[] = [];
  const deps = {
    clock: systemClock,
    random: Math.random,
    hostName: "host",
    ownAddresses: async () => ({ ipv4: "10.0.0.1" }),
    readCheck,
    onFault: (fault: Fault) => void faults.push(`${fault.code}: ${sentence(fault)}`),
    onWorking: () => {},
  };
  const work = async () => {
    const docker = createDocker(schema.parse(settings), deps);
    for await (const discovered of docker.discover(ending.signal)) {
      yielded.push({ atMs: Date.now(), discovered });
    }
  };
  const ended = work().catch((error) => {
    if (error !== ending.signal.reason) throw error;
  });
  atEnd(t, async () => {
    ending.abort(new Error("the test has ended"));
    await ended;
  });
  return {
    yielded,
    faults,
    names: (state = "up") => {
      const found = yielded.at(-1)?.discovered.found ?? [];
      const ours = found.filter(({ standing }) => standing.state === state);
      return ours.map(({ instance }) => instance.name ?? "").sort();
    },
  };
}
