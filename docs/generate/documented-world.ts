import { lookup, resolveSrv } from "node:dns/promises";
import { join } from "node:path";
import type { World } from "../../cli/world.ts";
import { systemClock } from "../../lib/base/clock.ts";

/** A world without variables, whose output goes nowhere, for pages that are made by the program. */
export function documentedWorld(root: string): World {
  const stream = { terminal: false, write: () => {} };
  return {
    env: {},
    hostName: "",
    pid: 0,
    uid: undefined,
    temporary: "",
    clock: systemClock,
    random: () => 0,
    resolver: { lookup, resolveSrv },
    out: stream,
    err: stream,
    onAgentSignal: () => ({ [Symbol.dispose]: () => {} }),
    onForwarded: () => ({ [Symbol.dispose]: () => {} }),
    onExit: () => ({ [Symbol.dispose]: () => {} }),
    isInteractive: false,
    replaceProcess: () => {
      throw new Error("this process is not replaced");
    },
    shipped: join(root, "templates"),
    self: [],
  };
}
