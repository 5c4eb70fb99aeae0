import { join } from "node:path";
import type { World } from "../../cli/world.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { root } from "../support/sources.ts";

/** A world for commands in a test, and their output so far. */
export interface TestWorld {
  readonly world: World;
  readonly out: () => string;
  readonly err: () => string;
}

/** A world that keeps the output of commands. `temporary` is the folder for sockets; there are no other variables. */
export function testWorld(temporary: string): TestWorld {
  const written = { out: "", err: "" };
  const stream = (name: keyof typeof written) => ({
    terminal: false,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const unresolved = () => Promise.reject(new Error("no test resolves names"));
  const world: World = {
    env: { RUNTIME_DIRECTORY: temporary },
    hostName: "web-1",
    pid: 1,
    uid: process.getuid?.(),
    temporary,
    clock: systemClock,
    random: () => 0.5,
    resolver: { lookup: unresolved, resolveSrv: unresolved },
    out: stream("out"),
    err: stream("err"),
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
  return { world, out: () => written.out, err: () => written.err };
}
