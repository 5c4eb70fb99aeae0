import { readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { eventually, type Running, start } from "../support/process.ts";

/** An nginx, as an operator starts it. */
export interface Nginx {
  /** The master; `pid`, `output` and `stop` are the master's. */
  readonly process: Running;
  /** The master's children, by process id. */
  workers(): Promise<readonly number[]>;
}

export interface NginxOptions {
  readonly config: string;
  /** Where the configuration says that the pid file is. */
  readonly pidFile: string;
}

/** Starts nginx and waits until it serves. */
export async function startNginx(
  t: Pick<TestContext, "after">,
  { config, pidFile }: NginxOptions,
): Promise<Nginx> {
  const process = start(t, ["nginx", "-c", config, "-g", "daemon off;"]);
  const workers = async () => {
    const children = `/proc/${process.pid}/task/${process.pid}/children`;
    return (await readFile(children, "utf8")).trim().split(" ").filter(Boolean).map(Number);
  };
  const serving = eventually("nginx has workers", async () => {
    const isWritten = (await readFile(pidFile, "utf8")).trim() === String(process.pid);
    return isWritten && (await workers()).length > 0;
  });
  await Promise.race([serving, process.ended]);
  if (process.child.exitCode !== null) throw new Error(`nginx ended: ${process.output()}`);
  return { process, workers };
}
