import { formatAddress } from "../../model/endpoint.ts";
import type { Pools } from "./plan.ts";
import type { Server } from "./server-line.ts";
import type { RunningPools, RunningServer } from "./servers-state.ts";

/** How servers of the running process differ from the desired ones, for people: a sentence for each server. */
export function describeDifferences(desired: Pools, running: RunningPools): readonly string[] {
  const found: string[] = [];
  for (const [pool, servers] of desired) {
    const present = running.get(pool) ?? new Map<string, RunningServer>();
    for (const [name, server] of servers) {
      const problem = problemOf(server, present.get(name));
      if (problem !== undefined) found.push(`${pool}/${name} ${problem}`);
    }
    for (const [name, { disabled }] of present) {
      if (!servers.has(name) && !disabled) found.push(`${pool}/${name} was added`);
    }
  }
  return found;
}

function problemOf(server: Server, running: RunningServer | undefined): string | undefined {
  if (!running) return "was removed";
  const { address } = server;
  const actual = formatAddress(running.address);
  if (address !== undefined && formatAddress(address) !== actual) return `was moved to ${actual}`;
  if (running.disabled && !server.disabled) return "was put into maintenance";
  if (running.draining && !server.disabled) return "was set to drain";
  if (server.disabled && !running.disabled) return "was taken out of maintenance";
  if (server.weight !== running.weight) {
    return `has weight ${running.weight} instead of ${server.weight}`;
  }
  if (server.checked && !running.checked) return "is no longer checked";
  return undefined;
}
