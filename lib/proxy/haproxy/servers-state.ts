import type { Address } from "../../model/endpoint.ts";

/** A server as the running process has it. */
export interface Running {
  readonly address: Address;
  readonly weight: number;
  /** Taken out by command or by the word `disabled`, not by its checks. */
  readonly disabled: boolean;
  /** Finishes what it has, and takes only what must go to it. */
  readonly draining: boolean;
  readonly checked: boolean;
}

/** The servers of the running process, by pool and name. A pool that has none is missing. */
export type RunningPools = ReadonlyMap<string, ReadonlyMap<string, Running>>;

// Bits of srv_admin_state and srv_check_state.
const [forcedMaintenance, forcedDrain, checkEnabled] = [1, 8, 4];

/** Reads the answer to `show servers state`; undefined when it is none. */
export function parseServersState(answer: string): RunningPools | undefined {
  const [version, heading, ...rows] = answer.split("\n");
  if (version !== "1" || !heading?.startsWith("# ")) return undefined;
  const columns = heading.slice(2).split(" ");
  const at = (column: string) => columns.indexOf(column);
  const [pool, name] = [at("be_name"), at("srv_name")];
  const [host, port, weight] = [at("srv_addr"), at("srv_port"), at("srv_uweight")];
  const [admin, check] = [at("srv_admin_state"), at("srv_check_state")];
  const pools = new Map<string, Map<string, Running>>();
  for (const row of rows) {
    const fields = row.split(" ");
    if (fields.length < columns.length) continue;
    const field = (column: number) => fields[column] ?? "";
    const adminState = Number(field(admin));
    const servers = pools.get(field(pool)) ?? new Map<string, Running>();
    pools.set(field(pool), servers);
    servers.set(field(name), {
      address: { host: field(host), port: Number(field(port)) },
      weight: Number(field(weight)),
      disabled: (adminState & forcedMaintenance) !== 0,
      draining: (adminState & forcedDrain) !== 0,
      checked: (Number(field(check)) & checkEnabled) !== 0,
    });
  }
  return pools;
}
