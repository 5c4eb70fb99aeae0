import { excerpt } from "../../base/excerpt.ts";
import { formatAddress } from "../../model/endpoint.ts";
import { hostProblem } from "../../model/host.ts";
import { kinds } from "../escape/kinds.ts";
import type { SynapseServer } from "./settings.ts";

/** The name of a server in the file: `web-1_10.0.0.1:80`, or `10.0.0.1:80` if it has no name of its own. */
export function serverNameOf({ host, port, name }: SynapseServer): string {
  return name ? `${name}_${host}:${port}` : `${host}:${port}`;
}

/** The address of a server in the file. */
export function addressOf(server: SynapseServer): string {
  return formatAddress(server);
}

/** Why a server cannot stand in any file: a clause; undefined if it can. haproxy reads other hosts as paths of sockets. */
export function serverHostProblem({ host }: SynapseServer): string | undefined {
  const expected = hostProblem(host);
  return expected && `its host is ${excerpt(host)}: expected ${expected}`;
}

/** Why a server cannot stand in haproxy's file: a clause; undefined if it can. */
export function serverNameProblem(server: SynapseServer): string | undefined {
  const problem = serverHostProblem(server);
  if (problem !== undefined) return problem;
  const name = serverNameOf(server);
  const why = /\s/.test(name) ? "it contains a space" : kinds.haproxy(name);
  return why && `its name cannot be the name of a server: ${why}`;
}
