import type { Address } from "../../model/endpoint.ts";

/** A server of the running process. */
export interface RunningServer {
  readonly address: Address;
  readonly weight: number;
  /** In maintenance by a command or by the keyword `disabled`; not because of failed health checks. */
  readonly disabled: boolean;
  /** Accepts only requests that must go to it, such as requests of persistent sessions. */
  readonly draining: boolean;
  readonly checked: boolean;
}

/** The servers of the running process, by pool and name. */
export type RunningPools = ReadonlyMap<string, ReadonlyMap<string, RunningServer>>;

// Bits of srv_admin_state and srv_check_state.
const [forcedMaintenance, forcedDrain, checkEnabled] = [1, 8, 4];

/** Parses the answer to `show servers state` for one pool, by server name; undefined if it is something else. */
export function parseServersState(answer: string): ReadonlyMap<string, RunningServer> | undefined {
  const [version, heading, ...rows] = answer.split("\n");
  if (version !== "1" || !heading?.startsWith("# ")) return undefined;
  const columns = heading.slice(2).split(" ");
  const at = (column: string) => columns.indexOf(column);
  const [name, host, port] = [at("srv_name"), at("srv_addr"), at("srv_port")];
  const [weight, admin, check] = [at("srv_uweight"), at("srv_admin_state"), at("srv_check_state")];
  const servers = new Map<string, RunningServer>();
  for (const row of rows) {
    const fields = row.split(" ");
    if (fields.length < columns.length) continue;
    const field = (column: number) => fields[column] ?? "";
    const adminState = Number(field(admin));
    servers.set(field(name), {
      address: { host: field(host), port: Number(field(port)) },
      weight: Number(field(weight)),
      disabled: (adminState & forcedMaintenance) !== 0,
      draining: (adminState & forcedDrain) !== 0,
      checked: (Number(field(check)) & checkEnabled) !== 0,
    });
  }
  return servers;
}
