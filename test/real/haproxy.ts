import { connect } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { eventually, type Running, start } from "../support/process.ts";

/** A haproxy in master-worker mode, as an operator starts it. */
export interface Haproxy {
  /** The master; `pid`, `output` and `stop` are the master's. */
  readonly process: Running;
  readonly master: string;
  readonly pidFile: string;
  /** The answer to a command on one of its sockets. */
  ask(socket: string, command: string): Promise<string>;
  /** The worker that takes new connections. */
  worker(): Promise<number>;
}

/** Starts haproxy and waits until it serves. The master's socket and pid file lie beside the configuration. */
export async function startHaproxy(
  t: Pick<TestContext, "after">,
  { config }: { readonly config: string },
): Promise<Haproxy> {
  const folder = dirname(config);
  const [master, pidFile] = [join(folder, "master.sock"), join(folder, "haproxy.pid")];
  const process = start(t, ["haproxy", "-W", "-S", master, "-p", pidFile, "-f", config]);
  // While the master starts anew for a reload, nobody answers for a moment.
  const worker = () =>
    eventually("the master names its worker", async () => {
      const [, pid] = /# workers\n(\d+)\s+worker/.exec(await ask(master, "show proc")) ?? [];
      return pid === undefined ? undefined : Number(pid);
    });
  await Promise.race([worker(), process.ended]);
  if (process.child.exitCode !== null) throw new Error(`haproxy ended: ${process.output()}`);
  return { process, master, pidFile, ask, worker };
}

async function ask(path: string, command: string): Promise<string> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.end(`${command}\n`);
  return await text(socket);
}
