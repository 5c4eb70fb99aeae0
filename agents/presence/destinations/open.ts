import type { Clock } from "../../../lib/base/clock.ts";
import type { Log } from "../../../lib/base/log.ts";
import type { Destination, RequestResult } from "../../../lib/destination/contract.ts";
import { createDestination, type DestinationConfig } from "../../../lib/destination/kinds.ts";
import { Destinations } from "./destinations.ts";
import { openRecord } from "./record.ts";

export interface OpenDestinationsDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Called after each request with the name of the destination, for metrics. */
  readonly onDestinationRequest: (destination: string, result: RequestResult) => void;
}

/** The destinations of a configuration; their connections are closed when it is disposed of. */
export interface OpenDestinations extends AsyncDisposable {
  readonly all: Destinations;
}

/** Creates the destinations; none makes a request before it runs. `path` is the record of what is registered in them. */
export async function openDestinations(
  configs: readonly DestinationConfig[],
  path: string | undefined,
  deps: OpenDestinationsDeps,
): Promise<OpenDestinations> {
  const { env, clock, random, log, onDestinationRequest } = deps;
  const create = async (config: DestinationConfig): Promise<Destination> => {
    const created: Destination = await createDestination(config, {
      ...{ env, clock, random, wallMs: () => Date.now() },
      onRequest: (result) => onDestinationRequest(created.name, result),
    });
    return created;
  };
  const used = await Promise.all(
    configs.map(async (config) => ({
      destination: await create(config),
      services: config.services,
    })),
  );
  const record = await openRecord(path, log);
  return {
    all: new Destinations(used, { clock, random, log, record }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(used.map(({ destination }) => destination[Symbol.asyncDispose]()));
    },
  };
}
