import { connect } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { eventually, type Running, start } from "../support/process.ts";

/** A haproxy in master-worker mode, started as an operator does. */
export interface Haproxy {
  /** The master. */
  readonly process: Running;
  readonly master: string;
  readonly pidFile: string;
  /** Sends a command to one of its sockets and resolves with the answer. */
  send(socket: string, command: string): Promise<string>;
  /** The process id of the worker that accepts new connections. */
  worker(): Promise<number>;
}

/** The section of a configuration with short time limits. */
export const shortTimeouts = `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
`;

/** Starts haproxy and waits until it is ready. The master socket and the pid file are next to the configuration. */
export async function startHaproxy(
  t: Pick<TestContext, "after">,
  { config }: { readonly config: string },
): Promise<Haproxy> {
  const folder = dirname(config);
  const [master, pidFile] = [join(folder, "master.sock"), join(folder, "haproxy.pid")];
  const process = start(t, ["haproxy", "-W", "-S", master, "-p", pidFile, "-f", config]);
  // The master does not answer for a moment while it executes itself again for a reload.
  const worker = () =>
    eventually("the master lists its worker", async () => {
      const [, pid] = /# workers\n(\d+)\s+worker/.exec(await send(master, "show proc")) ?? [];
      return pid === undefined ? undefined : Number(pid);
    });
  await Promise.race([worker(), process.ended]);
  if (process.child.exitCode !== null) throw new Error(`haproxy ended: ${process.output()}`);
  return { process, master, pidFile, send, worker };
}

async function send(path: string, command: string): Promise<string> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.end(`${command}\n`);
  return await text(socket);
}
