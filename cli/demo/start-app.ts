import { abortable } from "../../lib/base/signal.ts";
import type { World } from "../world.ts";
import type { DemoProcess, DemoProcesses } from "./processes.ts";
import { DemoFailure } from "./timeline.ts";

/** An application of the demo, on 127.0.0.1. */
export interface DemoApp {
  readonly name: string;
  readonly port: number;
  kill(): Promise<void>;
  /** Starts it again on the same port, and waits until it listens. */
  restart(): Promise<void>;
}

/** Starts an application in a process of its own on a free port, and waits until it listens. Throws DemoFailure. */
export async function startApp(
  name: string,
  processes: DemoProcesses,
  { self }: World,
  signal: AbortSignal,
): Promise<DemoApp> {
  const begin = async (at: number): Promise<{ child: DemoProcess; port: number }> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const child = processes.start([...self, "demo-app", name, String(at)], resolve);
    const line = await abortable(promise, signal);
    if (!/^\d+$/.test(line)) throw new DemoFailure(`${name} does not start: ${line}`);
    return { child, port: Number(line) };
  };
  let running = await begin(0);
  return {
    name,
    port: running.port,
    kill: () => running.child.kill(),
    restart: async () => {
      running = await begin(running.port);
    },
  };
}
