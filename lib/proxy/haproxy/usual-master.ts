import { existsSync } from "node:fs";
import type { CommandSocket } from "./send-command.ts";

/** Where the master's socket usually is: in the images and units of haproxy, and on Debian and its derivatives. */
export const usualMasters = ["/run/haproxy/master.sock", "/run/haproxy-master.sock"] as const;

/** The first of several sockets that exists, looked for at each use: haproxy may start later, or move its socket. */
export function firstSocket(title: string, paths: readonly [string, ...string[]]): CommandSocket {
  return {
    title,
    get path() {
      return paths.find((path) => existsSync(path)) ?? paths[0];
    },
  };
}
